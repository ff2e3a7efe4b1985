"""Rules of the whole code base: they discover what they check, and list their exceptions."""

import ast
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from analysts import states
from countries import states as portal_states
from tests.rig.python_files import APPS, ROOT, name_of, python_files

# Clients and servers of their own installation; all rules but the one about connections apply.
PROOFS = "tests/proofs"


def imported(path: Path) -> Iterator[tuple[int, str]]:
    """(line, dotted name) of every import, also of those inside functions."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.lineno, node.module
            yield from ((node.lineno, f"{node.module}.{alias.name}") for alias in node.names)


# Names that identify the visitor. The middleware removes them; no other module may read them.
WHO_ASKS = re.compile(
    r"REMOTE_ADDR|REMOTE_HOST|FORWARDED_FOR|X_REAL_IP|HTTP_USER_AGENT|HTTP_REFERER|HTTP_ACCEPT_LANGUAGE|User-Agent"
    r"|Accept-Language|Referer\b|get_client_ip"
)
MAY_NAME_WHO_ASKS = {
    "portal_site/middleware.py",  # forgets it
    "analysts/accounts/sign_in/adapters.py",  # answers the library's question with a constant
    "analysts/takedown/notices/machine_reports/mail.py",  # names the program that writes an abuse report
    "tests/proofs/privacy/markers.py",  # sends all of it, to prove that nothing of it stays
}


def test_no_code_looks_at_who_asks() -> None:
    found = [
        f"{name_of(path)}:{number}"
        for path in python_files(*APPS, PROOFS)
        if name_of(path) not in MAY_NAME_WHO_ASKS
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if WHO_ASKS.search(line)
    ]
    assert found == []


def templates() -> list[Path]:
    return sorted((ROOT / "templates").rglob("*.html"))


# As a module, a file or a folder.
NAMES_TESTS = re.compile(r"\btests[./]\w|[\"']tests[\"']")
# Refuses to write a release whose proofs are of other code; runs in a clone.
MAY_NAME_TESTS = {"supply/release.py"}


def test_product_names_no_test() -> None:
    """A release has none: a setting or module that looks for them works only on a developer's machine."""
    product = [*python_files(*APPS, "supply", "workstation", "deploy"), ROOT / "manage.py", *templates()]
    naming = {name_of(path) for path in product if NAMES_TESTS.search(path.read_text(encoding="utf-8"))}
    assert naming == MAY_NAME_TESTS


UNSAFE = re.compile(r"\|\s*(safe|safeseq|urlize|urlizetrunc)\b|autoescape\s+off")
# The QR code that allauth draws from its own secret; no typed text.
MAY_BE_UNSAFE = {"templates/mfa/totp/activate_form.html"}


def test_templates_escape_everything() -> None:
    found = [name_of(path) for path in templates() if UNSAFE.search(path.read_text(encoding="utf-8"))]
    assert sorted(set(found) - MAY_BE_UNSAFE) == []


def test_code_marks_nothing_safe() -> None:
    found = [
        f"{name_of(path)}:{line}"
        for path in python_files(*APPS, PROOFS)
        for line, name in imported(path)
        if name.endswith((".mark_safe", ".SafeString", ".urlize"))
    ]
    # Text that is no HTML: the content of a `style` element, from the product's own files, checked colours and numbers.
    assert found == ["countries/public/page_style.py:18"]


INLINE = re.compile(
    r"<style|\sstyle=|\son[a-z]+=|<script(?![^>]*\bsrc=)(?![^>]*type=\"application/json\")|javascript:", re.IGNORECASE
)


# The one sheet that the policy allows by its hash.
PAGE_SHEET = re.compile(
    r"<style>(\{% block sheet %\}\{\{ page_sheet \}\}\{% endblock sheet %\}|\{\{ page_sheet \}\})</style>"
)


def test_templates_have_no_inline_style_or_script() -> None:
    texts = {name_of(path): path.read_text(encoding="utf-8") for path in templates()}
    assert [name for name, text in texts.items() if INLINE.search(PAGE_SHEET.sub("", text))] == []
    blocks = {block for text in texts.values() for block in re.findall(r"{% block sheet %}(.*?){% endblock", text)}
    assert blocks == {"{{ page_sheet }}", "{{ figures_sheet }}"}
    with_sheet = sorted(name for name, text in texts.items() if PAGE_SHEET.search(text))
    assert with_sheet == ["templates/countries/public/base.html", "templates/countries/public/left.html"]


def test_public_templates_have_one_script_and_nothing_from_elsewhere() -> None:
    base = (ROOT / "templates/countries/public/base.html").read_text(encoding="utf-8")
    assert re.findall("<script.*", base) == ["<script src=\"{% static 'public/public.js' %}\" defer></script>"]
    elsewhere = re.compile(r"<script|<iframe|<img[^>]+src=\"http|@import|url\(\s*['\"]?http", re.IGNORECASE)
    public = [path for path in templates() if path.parent.name in ("public", "countries", "reports")]
    found = [name_of(path) for path in public if elsewhere.search(path.read_text(encoding="utf-8"))]
    assert public
    assert found == ["templates/countries/public/base.html"]


# The accepted term is "child sexual abuse material", never the other word.
WORDING = re.compile(r"porn|kiddie", re.IGNORECASE)
# Statutes have it in their titles.
STATUTES = "legal_grounds.toml"


def test_wording_is_the_fields() -> None:
    texts = [*templates(), *python_files(*APPS, PROOFS), *ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
    texts += [*(ROOT / "countries/catalogue").glob("*.toml"), *(ROOT / "locale").rglob("*.po")]
    texts += [path for path in (ROOT / "analysts").rglob("*.toml") if path.name != STATUTES]
    found = [
        f"{name_of(path)}:{number}: {line.strip()}"
        for path in texts
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if WORDING.search(line)
    ]
    assert found == []


@pytest.mark.parametrize(
    ("page", "diagram"), [("incident-states", states.diagram), ("portal-states", portal_states.diagram)]
)
def test_state_diagram_is_current(page: str, diagram: Callable[[], str]) -> None:
    text = (ROOT / "docs" / "reference" / f"{page}.md").read_text(encoding="utf-8")
    assert f"```mermaid\n{diagram()}```" in text


def test_incidents_are_locked_in_one_order() -> None:
    """Two that lock several in different orders wait for each other: `lock_in_order` sorts them for all.

    A lock that skips rows waits for no other.
    """
    product = [path for path in python_files("analysts") if "/tests/" not in name_of(path)]
    assert [name_of(path) for path in product if any(_sorted_locks_of_incidents(path))] == []


def _sorted_locks_of_incidents(path: Path) -> Iterator[str]:
    """Expressions that sort and lock incidents, in which names of querysets are replaced by their expressions."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for function in (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)):
        assignments = [node for node in ast.walk(function) if isinstance(node, ast.Assign)]
        querysets = {ast.unparse(node.targets[0]): ast.unparse(node.value) for node in assignments}
        for node in ast.walk(function):
            root, dot, calls = (ast.unparse(node) if isinstance(node, ast.Call) else "").partition(".")
            chain = querysets.get(root, root) + dot + calls
            is_sorted_lock = ".select_for_update(" in chain and ".order_by(" in chain
            if chain.startswith("Incident.objects.") and is_sorted_lock and "skip_locked=True" not in chain:
                yield chain
