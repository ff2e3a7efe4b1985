"""Identifiers that contain a host: `@one:example.org` of Matrix, `@one.example.org` of Bluesky, "username: name.me".

Such a host is the server of thousands of accounts, or only a name, and no place that was reported: the identifier stays
among the words, whole. A host behind a word such as "link:", or with a path behind it, is an address.
"""

import re
import tomllib

from reports.addresses.harmless import DATA
from reports.addresses.spelling import BARE, COLON, COLONS, DOT, END, LABEL, ReadableText, end_of, readable_text

# Room for the longest name of the grammars below; a limit keeps the search linear.
_NAME = rf"(?:{LABEL}|[.=/+_-]){{1,100}}+"
# By the sign before the name: users and rooms of Matrix and of what follows it. `!`, `$`, `&` and `+` only with a
# colon: before a host alone they are punctuation.
_WITH_SERVER = re.compile(rf"(?:[@#]|(?<![^{END}(\[{{,;|'*_~/])[!$&+]){_NAME}{COLON}(?={LABEL})")
_HANDLE = re.compile(rf"(?<![^{END}(\[{{,;|'*_~])[@#](?={LABEL})")
# Names without a sign, in letters that such names have and each with its colon, right before a host without a path.
_PLAIN_NAME = re.compile(
    rf"(?<![\w@#!$&+:./=-])(?P<names>(?:[A-Za-z0-9][A-Za-z0-9=+_-]{{0,99}}+{COLON}){{1,5}}+)(?!(?i:www)\.)"
)
_PORT = re.compile(rf"{COLON}[0-9]{{1,5}}(?![\w/])")
# A further identifier behind a slash is no path.
_PATH = re.compile(rf"\\|[?#]\w|/(?![@#!$&+]{_NAME}{COLON}{LABEL})")
_WORDS = tomllib.loads((DATA / "apps.toml").read_text(encoding="utf-8"))
_LEADS = frozenset(_WORDS["leads"])
# Words that announce the name of an account, right before it: "username: name.me", "his user name is name.me".
_GAP, _IS = "[ \u00a0\u202f]", "|".join(map(re.escape, _WORDS["is"]))
_NAMING_WORDS = "|".join(re.escape(word) for word in sorted(_WORDS["naming"], key=len, reverse=True))
_NAMING = rf"(?<!\w)(?i:{_NAMING_WORDS})(?:{_GAP}?[:=]{_GAP}?| (?:{_IS}) | )[\"'“(]?"
_LONGEST_NAMING = 60
_NAMED_BEFORE = re.compile(rf"{_NAMING}$")
# Where a name can begin: behind a sign, or before a colon.
_BEGINNING = re.compile(rf"(?<=[@#!$&+]){LABEL}|{_PLAIN_NAME.pattern}")
# A decentralised identifier, of any method: the id of an account.
_DID = re.compile(rf"(?<![\w:])did{COLON}[a-z0-9]{{1,20}}+{COLON}[A-Za-z0-9]")
_NAMED = re.compile(rf"{_NAMING}(?P<name>{LABEL}++(?:{DOT}{LABEL}++)++)")


def contains_identifier(line: str) -> bool:
    text = readable_text(line)
    if _NAMED.search(text.folded) or _DID.search(text.folded):
        return True
    return any(identifier_end(text, name.start()) is not None for name in _BEGINNING.finditer(text.folded))


def is_named(text: ReadableText, start: int, end: int) -> bool:
    """Whether a host from `start` to `end` is the name of an account: words before it say so, and no path follows."""
    before = text.folded[max(0, start - _LONGEST_NAMING) : start]
    is_site = text.folded[start : start + 4].lower() == "www." or _PATH.match(text.folded, end) is not None
    return not is_site and _NAMED_BEFORE.search(before) is not None


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
        words = [word for word in COLONS.split(lead["names"].casefold()) if word]
        end = end_of(_PORT, folded, server.end())
        if not (all(word in _LEADS or word.isdigit() for word in words) or _PATH.match(folded, end)):
            return end
    return None
