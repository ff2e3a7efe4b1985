"""The items of a launch checklist, and the checklist that they make."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ChecklistItem:
    """One item of the checklist.

    missing: a full sentence on what is missing; "" if the item is done.
    anchor: the element id, on the step that completes it (`steps.step_of_item`), of the field that does so.
    page: the URL name of another page that completes it; "" if none.
    """

    key: str
    title: str
    missing: str
    anchor: str
    page: str = ""

    @property
    def is_done(self) -> bool:
        return not self.missing


@dataclass(frozen=True, slots=True)
class Checklist:
    items: tuple[ChecklistItem, ...]

    @property
    def open(self) -> tuple[ChecklistItem, ...]:
        return tuple(item for item in self.items if not item.is_done)

    @property
    def complete(self) -> bool:
        return not self.open

    @property
    def percentage(self) -> int:
        """Percentage of items done, rounded down, so that 100 means complete."""
        return (len(self.items) - len(self.open)) * 100 // len(self.items)
