"""Plain English: words that crept into comments, docs and screens, and terms that the glossary retired, stay out.

Prose is comments, docstrings, Markdown and the strings that go through gettext, except those of the public pages, which
have a style of their own.
"""

import ast
import io
import re
import subprocess
import tokenize
from collections.abc import Iterator
from pathlib import Path

import pytest

from portal_site.environment import PROJECT

# Words that stand for a subject: a sentence names who does what.
VAGUE = (
    "whoever",
    "whatever",
    "nobody",
    "somebody",
    "anew",
    "stands",
    "told",
    "tells",
    "what may",
    "by itself",
    "by themselves",
    "where things",
)
# The terms that replaced these: docs/reference/glossary.md.
RETIRED = (
    "addressee",
    "answering",
    "audit record",
    "before you reveal it",
    "being worked on",
    "blanked",
    "sample by chance",
    "get the answer",
    "hand-off",
    "how it stands",
    "keep it longer",
    "league",
    "leaves by itself",
    "leaves at",
    "many nearly alike",
    "may leave",
    "nobody holds",
    "notes among staff",
    "second look",
    "standard words",
    "still there",
    "take it back",
    "tell somebody",
    "they are one now",
    "this is something else",
    "veil(?:ed)?",
    "what has to do",
    "what is due",
    "what members block",
    "what now",
    "where it goes",
    "where it is hosted",
)
GETTEXT = {"_", "gettext", "gettext_lazy", "ngettext", "ngettext_lazy", "pgettext"}
TEMPLATE_STRING = re.compile(
    r"""{%\s*(?:translate|trans)\s+["']([^"']*)["']|{%\s*blocktranslate.*?%}(.*?){%\s*endblocktranslate""", re.DOTALL
)
CODE_IN_MARKDOWN = re.compile(r"```.*?```|`[^`]*`", re.DOTALL)
# Generated files, migrations, and this list itself.
LEFT_OUT = re.compile(r"/migrations/|^docs/figures/|licences\.md$|^LICENSE|^requirements|test_wording\.py$")
PUBLIC_STRINGS = re.compile(
    r"^templates/(reports|countries)/(?!staff)|^templates/[^/]*\.html$|^(reports|countries)/(?!staff/).*\.py$"
)


def tracked_files() -> list[str]:
    listed = subprocess.run(["git", "ls-files"], cwd=PROJECT, capture_output=True, text=True, check=True).stdout
    return [name for name in listed.splitlines() if not LEFT_OUT.search(name)]


def comments_of(source: str) -> Iterator[str]:
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            yield token.string
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            yield ast.get_docstring(node) or ""


def strings_of(name: str, source: str) -> Iterator[str]:
    """The strings of a module or a template that gettext translates."""
    if name.endswith(".html"):
        yield from (one or several for one, several in TEMPLATE_STRING.findall(source))
    elif name.endswith(".py"):
        calls = (node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call))
        for call in calls:
            if isinstance(call.func, ast.Name) and call.func.id in GETTEXT:
                yield from (
                    each.value for each in call.args if isinstance(each, ast.Constant) and isinstance(each.value, str)
                )


def prose_of(name: str) -> Iterator[str]:
    source = Path(PROJECT, name).read_text(encoding="utf-8")
    if name.endswith(".md"):
        yield CODE_IN_MARKDOWN.sub(" ", source)
    if name.endswith(".py"):
        yield from comments_of(source)
    if not PUBLIC_STRINGS.search(name):
        yield from strings_of(name, source)


def may_have(words: tuple[str, ...], source: str) -> bool:
    """Whether all parts of one of the words are somewhere in the source, which is found faster than its syntax."""
    return any(all(re.search(rf"\b{part}\b", source, re.IGNORECASE) for part in word.split()) for word in words)


def find_words(words: tuple[str, ...], text: str) -> list[str]:
    return re.findall(rf"\b(?:{'|'.join(words)})\b", text, re.IGNORECASE)


def test_prose_names_who_does_what() -> None:
    files = [name for name in tracked_files() if name.endswith((".py", ".html", ".md"))]
    assert len(files) > 900
    suspects = [name for name in files if may_have(VAGUE, Path(PROJECT, name).read_text(encoding="utf-8"))]
    wrong = {name: words for name in suspects for text in prose_of(name) if (words := find_words(VAGUE, text))}
    assert wrong == {}


@pytest.fixture(scope="module")
def staff_strings() -> set[tuple[str, str]]:
    """The strings of the staff's screens, each with its file."""
    files = [name for name in tracked_files() if name.endswith((".py", ".html")) and not PUBLIC_STRINGS.search(name)]
    return {
        (name, text) for name in files for text in strings_of(name, Path(PROJECT, name).read_text(encoding="utf-8"))
    }


@pytest.mark.parametrize("term", RETIRED)
def test_screens_use_the_terms_of_the_glossary(staff_strings: set[tuple[str, str]], term: str) -> None:
    assert len(staff_strings) > 1_000
    assert sorted({name for name, text in staff_strings if find_words((term,), text)}) == []
