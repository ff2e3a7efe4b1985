"""Apps that people report (`data/apps.toml`): the schemes of their links, and mentions of them without an address."""

import re
import tomllib

from reports.addresses.harmless import DATA
from reports.addresses.identifiers import contains_identifier

_ROWS = tomllib.loads((DATA / "apps.toml").read_text(encoding="utf-8"))["app"]
SCHEMES = frozenset(scheme for row in _ROWS for scheme in row["schemes"])
NAMES = frozenset(name for row in _ROWS for name in row["names"])

_NAME = re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, sorted(NAMES, key=len, reverse=True)))})(?!\w)")
# A user name as apps write it, not the end of an e-mail address.
_HANDLE = re.compile(r"(?<![\w.@])@[\w][\w.]{2,}")


def mentions_account(line: str) -> bool:
    """Whether a line names an app, a user name or a room, as in "user name X on app Y". Nothing is derived from it."""
    names = _NAME.search(line.casefold()) or _HANDLE.search(line)
    return names is not None or contains_identifier(line)
