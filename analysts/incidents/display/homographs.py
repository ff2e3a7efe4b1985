"""Detection of hosts with non-ASCII letters or mixed scripts, which may imitate other hosts."""

import unicodedata
from dataclasses import dataclass

from reports.addresses import Address, defang_address

PUNYCODE = "xn--"
# Scripts that occur together in one word (UTS 39, "highly restrictive"), each set with or without Latin.
TOGETHER = (
    frozenset({"CJK", "HIRAGANA", "KATAKANA", "KATAKANA-HIRAGANA"}),
    frozenset({"CJK", "HANGUL"}),
    frozenset({"CJK", "BOPOMOFO"}),
)


@dataclass(frozen=True, slots=True, repr=False)
class Host:
    """A host with at least one non-ASCII label. Both spellings are defanged."""

    ascii: str
    unicode: str
    # One of its labels mixes scripts, such as Cyrillic letters among Latin ones.
    is_mixed: bool


def host_of(address: Address) -> Host | None:
    """The host in both spellings; None if it is plain ASCII, which is the normal case."""
    if PUNYCODE not in address.host:
        return None
    labels = [_decode_label(label) for label in address.host.split(".")]
    return Host(
        ascii=defang_address(address.host),
        unicode="[.]".join(labels),
        is_mixed=any(_mixes_alphabets(label) for label in labels),
    )


def _decode_label(label: str) -> str:
    """Decode a Punycode label. A label that is not encoded, or not validly, is returned unchanged."""
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
    """The first word of the letter's Unicode name, which is its script: LATIN, CYRILLIC, CJK, ..."""
    return unicodedata.name(letter, "UNKNOWN").partition(" ")[0]
