"""What can be exported: a table with headings, a number of rows, and the rows in batches that fit into memory."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Protocol

from analysts.models import Export, ExportProblem


@dataclass(frozen=True, slots=True)
class RowBatch:
    """Some rows as CSV in UTF-8, each with a line break, formulas quoted."""

    csv: bytes
    rows: int


class ExportTable(Protocol):
    """Each batch is read on its own, so that no snapshot of the database lasts as long as the export."""

    @property
    def headings(self) -> list[str]: ...

    def count(self, *, is_exact: bool) -> int:
        """The number of rows; unless it has to be exact, some may be counted twice."""

    def batches(self) -> Iterator[RowBatch]: ...


class ExportStopped(Exception):
    """The export cannot be written, and the page of exports says why."""

    def __init__(self, problem: ExportProblem) -> None:
        super().__init__(problem.value)
        self.problem = problem


# Builds the table of an export for its person, as they may see it now. Raises Denied, ExportStopped.
type BuildTable = Callable[[Export], ExportTable]
