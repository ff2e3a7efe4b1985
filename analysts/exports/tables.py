"""A table that can be exported: headings, a number of rows, and the rows in batches that fit into memory."""

from collections.abc import Callable, Iterator
from typing import Protocol

from analysts.models import Export, ExportProblem

# The cells of some rows, as they are shown on pages.
type Rows = list[list[str]]


class ExportTable(Protocol):
    """Each batch is read on its own, so that no snapshot of the database lasts as long as the export."""

    @property
    def headings(self) -> list[str]: ...

    def count(self) -> int: ...

    def batches(self) -> Iterator[Rows]: ...


class ExportStopped(Exception):
    """The export cannot be written, and the page of exports says why."""

    def __init__(self, problem: ExportProblem) -> None:
        super().__init__(problem.value)
        self.problem = problem


# Builds the table of an export for its person, as they may see it now. Raises Denied, ExportStopped.
type BuildTable = Callable[[Export], ExportTable]
