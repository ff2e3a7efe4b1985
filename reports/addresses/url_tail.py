"""Tails of addresses: path, query and fragment, and where the surrounding text ends them."""

import re
from typing import NamedTuple

from reports.addresses.host import match_host
from reports.addresses.spelling import BARE, COLON, END, END_IN_PLAIN, HTTP, ReadableText, end_of

_OPENERS = frozenset("/?#\\")

# Path, query and fragment up to a character that may end them. Another http address ends them where it is stuck to a
# word; after a slash or an equals sign it is part of them (archives, redirectors).
_STRETCH = (
    r"(?:[^%s,;|'()\[\]{}hH]++|(?<![^\W_])[hH]|(?<=%%[0-9a-fA-F]{2})[hH]"
    rf"|[hH](?!(?i:tt|xx)[pP][sS]?{COLON}[/\\]{{2}}))*+"
)
STRETCH_OF_TAIL = re.compile(_STRETCH % END_IN_PLAIN)
_STRETCH_OF_FULL_WIDTH_TAIL = re.compile(_STRETCH % END)
_SEPARATORS = frozenset(",;|")
_MAY_END = _SEPARATORS | frozenset("'()[]{}")
_MARKDOWN = re.compile(r"(?<!\[\.)\]\(")
_HTTP_AHEAD = re.compile(HTTP + COLON)
_CLOSER_OF = {"(": ")", "[": "]", "{": "}"}
# Trimmed from the end of an address, as are closing brackets that it did not open.
_TRAILING = frozenset(".,;:!?*|'\u2019([{")


class Tail(NamedTuple):
    """Path, query and fragment of an address, and where they end."""

    text: str
    end: int


def tail_at(text: ReadableText, start: int, at: int, *, listed: bool) -> Tail:
    """The tail of the address that began at `start`, at `at`. It is taken as typed, invisible characters
    included, unless what came before was in full width. A `listed` address had no scheme: a comma may part it from the
    next."""
    typed, folded = text.typed, text.folded
    opener = folded[at : at + 1]
    if opener not in _OPENERS:
        return Tail("", at)
    before = character_before(text, start)
    if typed[start:at] != folded[start:at]:
        end = tail_end(text, at + 1, stretch=_STRETCH_OF_FULL_WIDTH_TAIL, before=before, listed=False)
        trimmed = trim_tail(opener + folded[at + 1 : end], before=before)
        return Tail(trimmed, at + len(trimmed))
    if opener in (typed[at], "/"):
        end = tail_end(text, at + 1, stretch=STRETCH_OF_TAIL, before=before, listed=listed)
        end = at + len(trim_tail(opener + typed[at + 1 : end], before=before))
        return Tail(opener + text.cut_original(at, end)[1:], end) if end > at else Tail("", at)
    return Tail("", at)  # a full-width question mark after an address in plain letters ends the sentence


def tail_end(text: ReadableText, at: int, *, stretch: re.Pattern[str], before: str, listed: bool) -> int:
    """Where a tail that goes on at `at` is ended by the text around it: by the partner of the bracket or quotation mark
    right `before` the address, by Markdown's "](", or by a separator with another address behind it."""
    typed = text.typed
    closer = "'" if before == "'" else _CLOSER_OF.get(before)
    depth = 1
    end = end_of(stretch, typed, at)
    while end < len(typed) and (mark := typed[end]) in _MAY_END and not _MARKDOWN.match(typed, end):
        if mark == closer:
            depth -= 1
        elif mark == before:
            depth += 1
        if not depth or (mark in _SEPARATORS and _address_ahead(text, end + 1, listed=listed)):
            break
        end = end_of(stretch, typed, end + 1)
    return end


def _address_ahead(text: ReadableText, at: int, *, listed: bool) -> bool:
    if _HTTP_AHEAD.match(text.folded, at):
        return True
    bare = BARE.match(text.folded, at) if listed else None
    return bare is not None and match_host(text.folded, *bare.span()) is not None


def character_before(text: ReadableText, start: int) -> str:
    return text.typed[start - 1] if start else ""


def trim_tail(tail: str, *, before: str = "") -> str:
    """A tail without the punctuation at its end. Markdown's emphasis is removed only if it is also in `before`."""
    spare = {closer: tail.count(closer) - tail.count(opener) for opener, closer in _CLOSER_OF.items()}
    end = len(tail)
    while end:
        last = tail[end - 1]
        if last in _TRAILING or (last == before and last in "_~"):
            if last in _CLOSER_OF:
                spare[_CLOSER_OF[last]] += 1
        elif spare.get(last, 0) > 0:
            spare[last] -= 1
        else:
            break
        end -= 1
    return tail[:end]
