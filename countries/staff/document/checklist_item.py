"""The items of a launch checklist, and the checklist that they make."""

from collections.abc import Collection
from dataclasses import dataclass

from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext as _

from countries.languages import language_name


@dataclass(frozen=True, slots=True)
class ChecklistItem:
    """One item of the checklist.

    missing: a full sentence on what is missing; "" if the item is done.
    anchor: the element id, on the step that completes it (`steps.step_of_item`), of the field that does so.
    page: the URL name of another page that completes it; "" if none.
    remark: a sentence that the operator should know beside it, and that refuses no launch; "" if none.
    """

    key: str
    title: str
    missing: str
    anchor: str
    page: str = ""
    remark: str = ""

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
    def remarked(self) -> tuple[ChecklistItem, ...]:
        return tuple(item for item in self.items if item.remark)

    @property
    def complete(self) -> bool:
        return not self.open

    @property
    def percentage(self) -> int:
        """Percentage of items done, rounded down, so that 100 means complete."""
        return (len(self.items) - len(self.open)) * 100 // len(self.items)


def describe_unread(tags: Collection[str]) -> str:
    """The sentence on languages that no analyst of a portal works in, as HTML: the same at all doors. "" for none."""
    if not tags:
        return ""
    names = format_html_join(", ", "<bdi>{}</bdi>", ((language_name(tag),) for tag in tags))
    return format_html("{} {}", _("No analyst who counts works in:"), names)
