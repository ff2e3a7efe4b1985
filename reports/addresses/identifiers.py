"""Identifiers that contain a host: `@one:example.org` of Matrix, `@one.example.org` of Bluesky.

Such a host is the server of thousands of accounts, or only a name, and no place that was reported: the identifier stays
among the words, whole. A host behind a word such as "link:", or with a path behind it, is an address.
"""

import re
import tomllib

from reports.addresses.harmless import DATA
from reports.addresses.spelling import BARE, COLON, END, LABEL, ReadableText, end_of, readable_text

# Room for the longest name of the grammars below; a limit keeps the search linear.
_NAME = rf"(?:{LABEL}|[.=/+_-]){{1,100}}+"
# By the sign before the name: users and rooms of Matrix and of what follows it. `!`, `$`, `&` and `+` only with a
# colon: before a host alone they are punctuation.
_WITH_SERVER = re.compile(rf"(?:[@#]|(?<![^{END}(\[{{,;|'*_~])[!$&+]){_NAME}:(?={LABEL})")
_HANDLE = re.compile(rf"(?<![^{END}(\[{{,;|'*_~])[@#](?={LABEL})")
# Names without a sign, in letters that such names have and each with its colon, right before a host without a path.
_PLAIN_NAME = re.compile(r"(?<![\w@#!$&+:./=-])(?P<names>(?:[A-Za-z0-9][A-Za-z0-9=+_-]{0,99}+:){1,5}+)(?!(?i:www)\.)")
_PORT = re.compile(rf"{COLON}[0-9]{{1,5}}(?![\w/])")
_PATH = re.compile(r"[/?#\\]")
_LEADS = frozenset(tomllib.loads((DATA / "apps.toml").read_text(encoding="utf-8"))["leads"])
# Where a name can begin: behind a sign, or before a colon.
_BEGINNING = re.compile(rf"(?<=[@#!$&+]){LABEL}|{_PLAIN_NAME.pattern}")


def contains_identifier(line: str) -> bool:
    text = readable_text(line)
    return any(identifier_end(text, name.start()) is not None for name in _BEGINNING.finditer(text.folded))


def is_identifier(line: str) -> bool:
    """Whether the line is one name of a user, a room or a handle, with its sign, and nothing else."""
    text = readable_text(line)
    return line[:1] in ("@", "#") and identifier_end(text, 1) == len(text.folded)


def identifier_end(text: ReadableText, at: int) -> int | None:
    """Where the identifier ends whose name begins at `at`; None if none does. Its sign is just before `at`."""
    folded = text.folded
    if at and (name := _WITH_SERVER.match(folded, at - 1)):
        if server := BARE.match(folded, name.end()):
            return end_of(_PORT, folded, server.end())
        return None
    if at and (_HANDLE.match(folded, at - 1)) and (handle := BARE.match(folded, at)):
        return handle.end()
    if (lead := _PLAIN_NAME.match(folded, at)) and (server := BARE.match(folded, lead.end())):
        words = lead["names"].casefold().rstrip(":").split(":")
        end = end_of(_PORT, folded, server.end())
        if not (all(word in _LEADS or word.isdigit() for word in words) or _PATH.match(folded, end)):
            return end
    return None
