"""The numbers of addresses in the attachment of a letter, as its recipient writes them: `1, 4-7`."""

import re
from collections.abc import Collection, Iterable
from itertools import groupby

# Marks of the languages that the page is in, with the ones that keyboards and word processors put in their place.
_MARKS = str.maketrans(dict.fromkeys("–—‑−‐", "-") | dict.fromkeys(",;.،؛、۔", " "))
_RANGE = re.compile(r"(\d{1,4})(?:-(\d{1,4}))?")
# Longer than any list of the numbers of one letter.
LONGEST_LIST = 3_000


class NotANumber(ValueError):
    """A part of the text is neither a number nor a range; `part` is that part."""

    def __init__(self, part: str) -> None:
        super().__init__()
        self.part = part


class NotInLetter(NotANumber):
    """The letter has no address of this number, or none of this range."""


def read_numbers(text: str, *, among: Collection[int]) -> tuple[int, ...]:
    """Return the numbers and ranges of the text in order, each once; digits of any script.

    Args:
        among: the numbers of the letter. A range means those of them that it contains.

    Raises:
        NotANumber: a part cannot be read, or the letter has nothing of it.
    """
    numbers: set[int] = set()
    for part in _split_parts(text[: LONGEST_LIST + 1]):
        match = _RANGE.fullmatch(part)
        if match is None:
            raise NotANumber(part)
        first, last = int(match[1]), int(match[2] or match[1])
        chosen = {number for number in among if first <= number <= last}
        if not chosen or not {first, last} <= chosen:
            raise NotInLetter(part)
        numbers |= chosen
    return tuple(sorted(numbers))


def _split_parts(text: str) -> list[str]:
    """The parts between commas and spaces; a range may have spaces around its dash."""
    pieces = text.translate(_MARKS).split("-")
    return "-".join(" ".join(piece.split()) for piece in pieces).split()


def write_numbers(numbers: Iterable[int]) -> str:
    """The numbers in the form that `read_numbers` reads, with ranges where they follow each other."""
    groups = groupby(enumerate(sorted(set(numbers))), lambda pair: pair[1] - pair[0])
    ranges = [[number for _place, number in group] for _distance, group in groups]
    return ", ".join(str(run[0]) if len(run) == 1 else f"{run[0]}-{run[-1]}" for run in ranges)
