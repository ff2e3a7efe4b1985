"""Hosts that may look like others: written in letters beyond ASCII, and perhaps in several alphabets at once."""

import unicodedata
from dataclasses import dataclass

from reports.addresses import Address, defang_address

PUNYCODE = "xn--"
# Alphabets that are written together in one word (UTS 39, "highly restrictive"), each set with Latin or without.
TOGETHER = (
    frozenset({"CJK", "HIRAGANA", "KATAKANA", "KATAKANA-HIRAGANA"}),
    frozenset({"CJK", "HANGUL"}),
    frozenset({"CJK", "BOPOMOFO"}),
)


@dataclass(frozen=True, slots=True, repr=False)
class Host:
    """A host with at least one label in letters beyond ASCII. Both spellings are defanged."""

    ascii: str
    unicode: str
    # One of its labels mixes alphabets, as no honest word does: Cyrillic letters among Latin ones.
    is_mixed: bool


def host_of(address: Address) -> Host | None:
    """None where the host is plain ASCII, which is nearly always."""
    if PUNYCODE not in address.host:
        return None
    labels = [_decode_label(label) for label in address.host.split(".")]
    return Host(
        ascii=defang_address(address.host),
        unicode="[.]".join(labels),
        is_mixed=any(_mixes_alphabets(each) for each in labels),
    )


def _decode_label(label: str) -> str:
    """The label in its own letters; as it is where it claims to be encoded and is not."""
    if not label.startswith(PUNYCODE):
        return label
    try:
        return label.removeprefix(PUNYCODE).encode("ascii").decode("punycode")
    except UnicodeError:
        return label


def _mixes_alphabets(label: str) -> bool:
    alphabets = {_alphabet_of(character) for character in label if character.isalpha()}
    return len(alphabets) > 1 and not any(alphabets - {"LATIN"} <= together for together in TOGETHER)


def _alphabet_of(letter: str) -> str:
    """The first word of the letter's name, which is its alphabet's: LATIN, CYRILLIC, CJK, ..."""
    return unicodedata.name(letter, "UNKNOWN").partition(" ")[0]
