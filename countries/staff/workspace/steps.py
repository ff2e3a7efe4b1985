"""The steps of a portal's workspace: one screen each, and the items of the launch checklist that each completes."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.urls import reverse

from countries.languages import texts_language
from countries.models import Portal
from countries.staff.contacts.door_items import SERVICES_PAGE
from countries.staff.document.checklist_item import Checklist, ChecklistItem
from countries.staff.document.steps import PortalStep
from countries.words.crisis_texts import CRISIS_TEXTS

# By the key of a checklist item, or by the part of it before the first underscore.
STEP_OF_KEY = {
    "default_text": PortalStep.COUNTRY,
    "law": PortalStep.COUNTRY,
    "text": PortalStep.WORDS,
    "words": PortalStep.WORDS,
    "crisis": PortalStep.WORDS,
    "contact": PortalStep.HELP,
    "door": PortalStep.HELP,
    "danger": PortalStep.HELP,
    "names": PortalStep.HELP,
    "partners": PortalStep.PARTNERS,
    "partnernames": PortalStep.PARTNERS,
    "brand_colour": PortalStep.LOOK,
    "button_colour": PortalStep.LOOK,
    "accent_colour": PortalStep.LOOK,
    "coverage": PortalStep.COVERAGE,
    "tested": PortalStep.TEST,
}


@dataclass(frozen=True, slots=True)
class OpenItem:
    """An open item of the checklist, with the address of the field that completes it."""

    title: str
    missing: str
    address: str


@dataclass(frozen=True, slots=True)
class StepLink:
    """One entry of the list of steps. `missing`: the number of open items; None for a step without any items."""

    step: PortalStep
    number: int
    address: str
    missing: int | None


def step_of_item(item: ChecklistItem) -> PortalStep:
    """The step that completes the item; the last one for a key that no step claims, so that it is never hidden."""
    kind = item.key.partition("_")[0]
    if kind == "words" and not item.page:
        # The installation has no interface text in this language: the language is removed where it was added.
        return PortalStep.COUNTRY
    return STEP_OF_KEY.get(item.key) or STEP_OF_KEY.get(kind) or PortalStep.LAUNCH


def step_address(portal_id: int, step: PortalStep, language: str = "") -> str:
    return reverse(f"admin:{step.url_name}", args=[portal_id], query={"language": language} if language else None)


def item_address(portal_id: int, item: ChecklistItem, *, is_operator: bool) -> str:
    """The page or the step that completes the item; for all but operators, who alone may open the pages, the step."""
    language = item.key.partition("_")[2]
    if item.page == "admin:languages" and is_operator:
        return reverse("admin:language", args=[texts_language(language)])
    if item.page == "admin:words_text" and is_operator:
        return reverse(item.page, args=[texts_language(language), CRISIS_TEXTS[0].digest])
    if item.page == SERVICES_PAGE and is_operator:
        return reverse(SERVICES_PAGE)
    return f"{_address_in_step(portal_id, item)}#{item.anchor}"


def _address_in_step(portal_id: int, item: ChecklistItem) -> str:
    step = step_of_item(item)
    return step_address(portal_id, step, item.key.partition("_")[2] if step is PortalStep.WORDS else "")


def open_items(
    portal_id: int, checklist: Checklist, step: PortalStep | None = None, *, is_operator: bool
) -> list[OpenItem]:
    """The open items of the step, or of all steps."""
    items = (item for item in checklist.open if step is None or step_of_item(item) is step)
    return link_items(portal_id, items, is_operator=is_operator)


def link_items(portal_id: int, items: Iterable[ChecklistItem], *, is_operator: bool) -> list[OpenItem]:
    return [
        OpenItem(item.title, item.missing, item_address(portal_id, item, is_operator=is_operator)) for item in items
    ]


def step_links(portal: Portal, checklist: Checklist) -> list[StepLink]:
    all_steps = [step_of_item(item) for item in checklist.items]
    missing = [step_of_item(item) for item in checklist.open]
    return [
        StepLink(step, number, step_address(portal.pk, step), missing.count(step) if step in all_steps else None)
        for number, step in enumerate(PortalStep, 1)
    ]


def first_open_address(portal_id: int, checklist: Checklist) -> str:
    """The address of the first step with an open item; of the launch if nothing is missing."""
    order = list(PortalStep)
    item = min(checklist.open, key=lambda open_item: order.index(step_of_item(open_item)), default=None)
    return _address_in_step(portal_id, item) if item else step_address(portal_id, PortalStep.LAUNCH)


def neighbours_of(step: PortalStep) -> tuple[PortalStep | None, PortalStep | None]:
    """The steps before and after it."""
    steps = list(PortalStep)
    at = steps.index(step)
    return (steps[at - 1] if at else None, steps[at + 1] if at + 1 < len(steps) else None)
