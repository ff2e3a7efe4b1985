"""Splits text from reporters into parts that are safe to show: defanged, and with visible marks for hidden characters.

An invisible character, or one that reorders its neighbours (U+202E reverses text), is shown as a mark such as
`⟦U+202E⟧`. Nothing is dropped: joining the `raw` texts of the parts gives the text again, except for line endings. The
templates isolate every text and mark, so that none reorders the content next to it.
"""

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from itertools import groupby

from django.utils.translation import gettext as _

from analysts.incidents.display import homographs
from analysts.incidents.display.display_safe import defang_text
from reports.addresses import defang_address, find_addresses

# The length shown initially; the rest opens on demand.
OPENING_CHARACTERS = 4_000
OPENING_LINES = 80
# How far before that limit to look for a space, so that no word is cut.
LONGEST_WORD = 200
# Fully pointed Hebrew stacks four marks on a letter; more than that serve to overprint the lines above.
MOST_STACKED = 4
# Number of runs named in a mark; further characters are only counted.
MOST_NAMED = 6
# Maximum number of page elements for one text; the remaining parts are shown as one plain text.
MOST_ELEMENTS = 500

OPEN, CLOSE = "⟦", "⟧"
ZERO_WIDTH_JOINERS = "\u200c\u200d"
# Blank letters and variation selectors that Unicode classes as printable. The opening bracket of marks is shown as a
# mark itself, so that reporters cannot forge marks.
INVISIBLE = frozenset(
    f"\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u2800\u3164\uffa0\U0001d159{OPEN}"
    + "".join(map(chr, (*range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0))))
)
# Signs that enclose the number after them. They are visible, although in Unicode's category for invisible characters.
ENCLOSING = frozenset("\u0600\u0601\u0602\u0603\u0604\u0605\u06dd\u070f\u0890\u0891\u08e2\U000110bd\U000110cd")
KEYCAPS = frozenset("0123456789#*\u203c\u2049\u2139\u3030\u303d\u3297\u3299")


class TextPartKind(StrEnum):
    """How a part is shown; the value is its class on the page."""

    PLAIN = ""
    MARK = "mark"
    # An annotation of ours beside an address, not part of the text.
    NOTE = "note"
    # A masked word (`analysts.welfare.masked_words`).
    BLANK = "blank"
    # A part of an address that may identify a person (`reports.addresses.identifying`).
    FOUND = "found"


@dataclass(frozen=True, slots=True, repr=False)
class TextPart:
    raw: str
    display: str
    kind: TextPartKind = TextPartKind.PLAIN


@dataclass(frozen=True, slots=True, repr=False)
class Legible:
    """A text prepared for a page: `opening` is shown initially; `rest`, which is often empty, on demand."""

    opening: list[TextPart]
    rest: list[TextPart]
    # The length as typed.
    characters: int

    @property
    def has_marks(self) -> bool:
        return any(part.kind != TextPartKind.NOTE and OPEN in part.display for part in (*self.opening, *self.rest))


@dataclass(frozen=True, slots=True, repr=False)
class OwnLetters:
    """A host with non-ASCII letters in its own script, defanged."""

    parts: list[TextPart]
    # One of its labels mixes scripts, which suggests an imitation of another host.
    is_mixed: bool


@dataclass(frozen=True, slots=True, repr=False)
class LegibleAddress:
    """An incident's decrypted address, defanged, and its host in its own script if that differs."""

    parts: list[TextPart]
    own_letters: OwnLetters | None


def make_legible(text: str) -> Legible:
    """Defang the text (`defang_text`) and split it into parts."""
    disarmed = defang_text(text).replace("\r\n", "\n")
    end = _end_of_opening(disarmed)
    return Legible(_annotate_hosts(disarmed[:end]), _annotate_hosts(disarmed[end:]), len(text))


def legible_address(normalised: str) -> LegibleAddress:
    addresses = find_addresses(normalised)[:1]
    host = homographs.host_of(addresses[0]) if addresses else None
    return LegibleAddress(
        text_parts(defang_address(normalised)), OwnLetters(text_parts(host.unicode), host.is_mixed) if host else None
    )


def text_parts(text: str) -> list[TextPart]:
    """Split the text into parts, with marks for hidden characters."""
    return limit_parts([_build_part(sort, raw) for sort, raw in _runs_by_sort(text)])


def limit_parts(parts: list[TextPart]) -> list[TextPart]:
    """The parts, with those beyond MOST_ELEMENTS joined into one."""
    others = parts[MOST_ELEMENTS:]
    joined = TextPart("".join(part.raw for part in others), "".join(part.display for part in others))
    return [*parts[:MOST_ELEMENTS], joined] if others else parts


def _annotate_hosts(text: str) -> list[TextPart]:
    """Split the text into parts; each host with non-ASCII letters is followed by its other spelling."""
    parts: list[TextPart] = []
    at = 0
    if not text.isascii() or homographs.PUNYCODE in text.lower():
        for address in find_addresses(text):
            host = homographs.host_of(address)
            begin = text.find(address.reported, at) if host else -1
            if host and begin >= 0:
                end = begin + len(address.reported)
                parts += [*text_parts(text[at:end]), _spelling_note(host, address.reported)]
                at = end
    return limit_parts([*parts, *text_parts(text[at:])])


def _spelling_note(host: homographs.Host, reported: str) -> TextPart:
    typed_in_ascii = homographs.PUNYCODE in reported.lower()
    other = "".join(part.display for part in text_parts(host.unicode)) if typed_in_ascii else host.ascii
    label = _("%(host)s, mixed scripts") % {"host": other} if host.is_mixed else other
    return TextPart("", f"{OPEN}{label}{CLOSE}", TextPartKind.NOTE)


class _Sort(StrEnum):
    PLAIN = "plain"
    HIDDEN = "hidden"
    STACKED = "stacked"


def _runs_by_sort(text: str) -> Iterator[tuple[_Sort, str]]:
    if text.isascii() and text.isprintable():
        yield from [(_Sort.PLAIN, text)] if text else []
        return
    at = 0
    for sort, characters in groupby(_character_sorts(text)):
        end = at + sum(1 for _character in characters)
        yield sort, text[at:end]
        at = end


def _character_sorts(text: str) -> Iterator[_Sort]:
    """Classify each character of the text."""
    stacked = 0
    for at, character in enumerate(text):
        if character < "\x7f" and (character >= " " or character in "\n\t"):
            stacked = 0
            yield _Sort.PLAIN
        elif _is_hidden(character) and not _is_meant(text, at):
            yield _Sort.HIDDEN
        else:
            stacked = stacked + 1 if unicodedata.category(character) in ("Mn", "Me") else 0
            yield _Sort.STACKED if stacked > MOST_STACKED else _Sort.PLAIN


def _is_hidden(character: str) -> bool:
    if character.isprintable():
        return character in INVISIBLE
    return unicodedata.category(character) != "Zs" and character not in ENCLOSING


def _is_meant(text: str, at: int) -> bool:
    """Whether the invisible character is part of normal spelling: a joiner between joining letters or within an emoji,
    or a variation selector after a character that it applies to."""
    before, after = text[at - 1 : at], text[at + 1 : at + 2]
    if not before:
        return False
    if text[at] in ZERO_WIDTH_JOINERS:
        joins_emoji = _is_pictorial(before) or before == "\ufe0f" or "\U0001f3fb" <= before <= "\U0001f3ff"
        return (_is_joining(before) and _is_joining(after)) or (joins_emoji and _is_pictorial(after))
    if text[at] in "\ufe0e\ufe0f":
        return _is_pictorial(before) or before in KEYCAPS
    return "\U000e0100" <= text[at] <= "\U000e01ef" and "\u3400" <= before <= "\u9fff"


def _is_joining(character: str) -> bool:
    """Whether it is a letter or mark of a script that uses joiners: Arabic, Indic and related scripts, Mongolian."""
    in_range = "\u0600" <= character <= "\u109f" or "\u1780" <= character <= "\u18af"
    return in_range and unicodedata.category(character)[0] in "LM"


def _is_pictorial(character: str) -> bool:
    return bool(character) and unicodedata.category(character) in ("So", "Sm")


def _build_part(sort: _Sort, raw: str) -> TextPart:
    match sort:
        case _Sort.PLAIN:
            return TextPart(raw, raw)
        case _Sort.STACKED:
            return TextPart(raw, f"{OPEN}+{len(raw)}{CLOSE}", TextPartKind.MARK)
        case _Sort.HIDDEN:
            return TextPart(raw, f"{OPEN}{_code_points(raw)}{CLOSE}", TextPartKind.MARK)


def _code_points(raw: str) -> str:
    """The code points as text: `U+202E`, `U+200B ×37`; beyond MOST_NAMED runs, the number of further characters."""
    runs = [(character, sum(1 for _character in run)) for character, run in groupby(raw)]
    code_points = [
        f"U+{ord(character):04X}" + (f" ×{times}" if times > 1 else "") for character, times in runs[:MOST_NAMED]
    ]
    more = sum(times for _character, times in runs[MOST_NAMED:])
    return " ".join([*code_points, *([f"+{more}"] if more else [])])


def _end_of_opening(text: str) -> int:
    """The end of the opening: the length of a short text, otherwise just after the last space before the limit."""
    end = len(text) if len(text) <= OPENING_CHARACTERS else OPENING_CHARACTERS
    lines = text[:end].split("\n", OPENING_LINES)
    if len(lines) > OPENING_LINES:
        return end - len(lines[-1])
    if end == len(text):
        return end
    blanks = (text.rfind(blank, end - LONGEST_WORD, end) for blank in (" ", "\n"))
    return max(blanks) + 1 or end
