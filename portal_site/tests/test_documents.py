"""Documents name what exists: links and headings, files, modules, make targets, commands and settings."""

import re
from fnmatch import fnmatch
from functools import cache
from pathlib import Path

from django.core.management import get_commands

from portal_site.environment import PROJECT
from tests.pictures import IMAGES, PICTURES
from tests.rig.size import CODE_BLOCK, list_files

FILES = [str(path) for path in list_files()]
PAGES = [name for name in FILES if name.endswith(".md")]
# The changelog also names what is gone.
PRESENT = [name for name in PAGES if name != "CHANGELOG.md"]
FOLDERS = {name.partition("/")[0] for name in FILES if "/" in name}

LINK = re.compile(r"\]\((?!https?:|mailto:)([^)#\s]*)(?:#([^)\s]+))?\)")
HEADING = re.compile(r"(?m)^#+ (.*)$")
SPAN = re.compile(r"`([^`\n]+)`")
SOURCE = re.compile(r"[\w*.][\w*./-]*\.(?:py|toml|html|sql|conf|css|js|json|po|service|timer|sh|yaml|yml)")
PATH = re.compile(r"[\w.-]+(?:/[\w.*-]+)+/?")
SETTING = re.compile(r"[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+")
MODULE = re.compile(r"python3? -m ([\w.]*\w)")
COMMAND = re.compile(r"manage\.py ([a-z_]+)|deploy/manage\"? (?:owner|public|staff|worker|keys|backup) ([a-z_]+)")
TARGET = re.compile(r"\bmake ([a-z-]+)")
# Lines that a reader types: in code, fenced or indented.
TYPED = re.compile(r"```.*?```|`[^`\n]+`|(?m:^    make .*$)", re.DOTALL)
# Made by a command that the page names.
MADE = {"workstation/packages"}
# Variables of a guide's own commands.
OF_GUIDES = {"WORK_ZONE"}


def read_page(page: str) -> str:
    return (PROJECT / page).read_text(encoding="utf-8")


def spans_of(page: str) -> set[str]:
    """The texts in backticks, each without the name of a test after its file."""
    return {span.partition("::")[0] for span in SPAN.findall(CODE_BLOCK.sub(" ", read_page(page)))}


@cache
def anchors_of(path: Path) -> frozenset[str]:
    """The headings as a link names them: lower case, without punctuation, hyphens for spaces."""
    headings = HEADING.findall(CODE_BLOCK.sub(" ", path.read_text(encoding="utf-8")))
    return frozenset(re.sub(r"[^\w -]", "", heading.lower()).strip().replace(" ", "-") for heading in headings)


@cache
def names_in_code() -> frozenset[str]:
    """Names in capitals of every file but documents and catalogues."""
    files = [PROJECT / name for name in FILES if not name.endswith((".md", ".po", ".png", ".json"))]
    return frozenset(name for path in files for name in SETTING.findall(path.read_text(errors="ignore")))


def test_links_lead_to_a_file_and_a_heading() -> None:
    wrong = []
    for page in PAGES:
        for file, heading in LINK.findall(read_page(page)):
            path = (PROJECT / page).parent / file if file else PROJECT / page
            if not path.exists() or (heading and heading not in anchors_of(path.resolve())):
                wrong.append(f"{page}: {file}#{heading}")
    assert wrong == []


def test_named_files_exist() -> None:
    """A source file by the end of its path; any other path if it begins with a folder of the project."""
    names = [f"/{name}" for name in FILES]
    wrong = []
    for page in PRESENT:
        spans = spans_of(page) - MADE
        sources = {span for span in spans if SOURCE.fullmatch(span)}
        paths = {span for span in spans - sources if PATH.fullmatch(span) and span.partition("/")[0] in FOLDERS}
        wrong += [(page, source) for source in sources if not any(fnmatch(name, f"*/{source}") for name in names)]
        wrong += [(page, path) for path in paths if not list(PROJECT.glob(path.rstrip("/")))]
    assert wrong == []


def test_named_settings_are_read_by_code() -> None:
    named = {(page, span) for page in PRESENT for span in spans_of(page) if SETTING.fullmatch(span)}
    assert [(page, name) for page, name in named if name not in names_in_code() | OF_GUIDES] == []


def test_commands_exist() -> None:
    targets = set(re.findall(r"(?m)^([a-z-]+):", (PROJECT / "Makefile").read_text()))
    commands, files = set(get_commands()), set(FILES)
    wrong = []
    for page in PRESENT:
        text = read_page(page)
        modules = {name.replace(".", "/") for name in MODULE.findall(text)}
        names = {name for names in COMMAND.findall(text) for name in names if name}
        typed = {target for code in TYPED.findall(text) for target in TARGET.findall(code)}
        wrong += [(page, name) for name in (typed - targets) | (names - commands)]
        wrong += [(page, name) for name in modules if not {f"{name}.py", f"{name}/__main__.py"} & files]
    assert wrong == []


def test_pages_are_found_with_all_that_they_name() -> None:
    """A pattern that finds nothing would find no fault."""
    text = "\n".join(map(read_page, PRESENT))
    for pattern, number in ((LINK, 200), (SOURCE, 300), (SETTING, 200), (MODULE, 20), (COMMAND, 50), (TARGET, 40)):
        assert len(pattern.findall(text)) > number, pattern.pattern


def test_each_picture_is_taken_by_the_script_and_shown_by_a_page() -> None:
    taken = {f"{draw.__name__.replace('_', '-')}.png" for draw in PICTURES}
    assert {path.name for path in IMAGES.iterdir()} == taken
    shown = {Path(file).name for page in PAGES for file, _heading in LINK.findall(read_page(page)) if ".png" in file}
    assert shown == taken
