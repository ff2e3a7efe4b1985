"""The figures of a walked shift, as they are kept in JSON."""

from typing import TypedDict

from tests.benchmarks.circumstances import Circumstances


class PieceOfWork(TypedDict):
    """Keys and seconds of one piece of work; the seconds are those of the pages, without a person's."""

    name: str
    keys: int
    seconds: float


class PageHeight(TypedDict):
    page: str
    width: int
    height: int


class ShiftFigures(TypedDict):
    """`foreign`: addresses in clear of other incidents than that of the page. `words`: pages with a reporter's words.

    `deciding`: pixels from the address to the button that records. `passwords`: how often it was asked for again.
    """

    work: list[PieceOfWork]
    reveals: int
    foreign: int
    words: int
    passwords: int
    heights: list[PageHeight]
    deciding: int
    is_table_first: bool


class ShiftResult(ShiftFigures, Circumstances):
    """The figures, with the circumstances they were measured in."""
