"""The page of a step of a portal's workspace: the portal's state, the list of steps, missing items, the last change."""

from dataclasses import dataclass

from django.conf import settings
from django.contrib.auth import get_user_model
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from audit.permissions import HasPermissions, is_allowed
from countries.languages import USUAL_LANGUAGE, language_name
from countries.models import ApprovalRequest, ApprovalState, Portal, PortalState
from countries.staff.document.checklist_item import Checklist
from countries.staff.document.history import PortalHistoryRow, last_of_step
from countries.staff.document.portal_document import Document
from countries.staff.document.steps import FORM_STEPS, PortalStep
from countries.staff.requests.approvals import check_is_operator
from countries.staff.requests.staff_pages import format_day
from countries.staff.workspace.checklist import PREFETCHED, build_checklist, texts_in_order
from countries.staff.workspace.lifecycle import TEST_SITE
from countries.staff.workspace.portal_approvals import needs_second
from countries.staff.workspace.portal_list import state_label
from countries.staff.workspace.state_page import StateButton, state_buttons
from countries.staff.workspace.steps import OpenItem, StepLink, neighbours_of, open_items, step_address, step_links


class StepRequest(HttpRequest):
    """The request of a step of a portal's workspace. Django's hooks of a form page share only the request."""

    step: PortalStep
    # The language of the text that the step shows; "" for steps without one, and for a portal without texts.
    language: str
    # Why the approval request could not be made.
    refusal: list[str]
    # Whether the save needs a second operator.
    needs_approval: bool
    # The stored portal before the save; {} for a new one.
    before: Document


@dataclass(frozen=True, slots=True)
class TextTab:
    """A language of the words step. `missing`: whether the checklist has an open item about this text."""

    tag: str
    name: str
    address: str
    missing: bool
    is_shown: bool


@dataclass(frozen=True, slots=True)
class PortalAnalyst:
    """An active analyst who works for the portal permanently. `language`: the one in which the account works.

    `reads`: counts for coverage, as a person who signs in (`UserManager.readers`).
    """

    name: str
    role: str
    language: str
    reads: bool


@dataclass(frozen=True, slots=True)
class PortalWorkspace:
    # The stored row, which a form that was refused does not change.
    portal: Portal
    state: str
    checklist: Checklist
    buttons: list[StateButton]
    may_change: bool
    # The portal's public address; "" if PUBLIC_URL is not set.
    public_address: str
    test_address: str
    tested_on: str
    is_covered: bool
    # Whether the public can send reports or hold receipts.
    is_known: bool
    # Address of the waiting approval request; "" if none.
    approval_address: str
    # Whether the test report can be sent now.
    takes_test: bool
    step: PortalStep
    links: list[StepLink]
    # Open items of this step, and of the whole checklist.
    missing: list[OpenItem]
    all_missing: list[OpenItem]
    # None for users who may not change the portal, and where nothing has been done yet.
    last: PortalHistoryRow | None
    # The portal's newest approval request, if it expired without a decision.
    expired: ApprovalRequest | None
    tabs: list[TextTab]
    analysts: list[PortalAnalyst]
    previous: StepLink | None
    next: StepLink | None
    has_form: bool
    needs_second: bool


def build_workspace(user: HasPermissions, portal: Portal, step: PortalStep, language: str) -> PortalWorkspace:
    stored = Portal.objects.prefetch_related(*PREFETCHED).get(pk=portal.pk)
    may_change = is_allowed(check_is_operator, user)
    waiting = ApprovalRequest.objects.waiting_about(stored).first() if may_change else None
    today = timezone.localdate()
    checklist = build_checklist(stored, today)
    links = step_links(stored, checklist)
    link_of = {link.step: link for link in links}
    before, after = neighbours_of(step)
    return PortalWorkspace(
        portal=stored,
        state=state_label(stored),
        checklist=checklist,
        buttons=state_buttons(user, stored, today, checklist) if may_change else [],
        may_change=may_change,
        public_address=f"{settings.PUBLIC_URL}/{stored.slug}/" if settings.PUBLIC_URL else "",
        test_address=f"https://{stored.test_code}{TEST_SITE}/",
        tested_on=format_day(stored.tested_on),
        is_covered=all(item.key != "coverage" for item in checklist.open),
        is_known=PortalState(stored.state).visible,
        approval_address=reverse("admin:approval", args=[waiting.pk]) if waiting else "",
        takes_test=PortalState(stored.state).takes_reports,
        step=step,
        links=links,
        missing=open_items(portal.pk, checklist, step, is_operator=may_change),
        all_missing=open_items(portal.pk, checklist, is_operator=may_change),
        last=last_of_step(portal, step) if may_change else None,
        expired=_expired_request(portal) if may_change else None,
        tabs=_text_tabs(stored, checklist, language) if step is PortalStep.WORDS else [],
        analysts=_list_analysts(stored) if step is PortalStep.COVERAGE and may_change else [],
        previous=link_of[before] if before else None,
        next=link_of[after] if after else None,
        has_form=step in FORM_STEPS and (step is not PortalStep.WORDS or bool(language)),
        needs_second=needs_second(stored),
    )


def language_shown(portal: Portal, tag: str) -> str:
    """The language of the words step: the wanted one, or else the first; "" for a portal without texts."""
    languages = [text.language for text in texts_in_order(portal)]
    return tag if tag in languages else next(iter(languages), "")


def address_after_save(portal: Portal, step: PortalStep, language: str, *, opens_next: bool) -> str:
    """The same screen, or the next one: the words step has one for each language."""
    if not opens_next:
        return step_address(portal.pk, step, language)
    if step is PortalStep.WORDS:
        languages = [text.language for text in texts_in_order(portal)]
        if language in languages[:-1]:
            return step_address(portal.pk, step, languages[languages.index(language) + 1])
    following = neighbours_of(step)[1]
    return step_address(portal.pk, following or step)


def _expired_request(portal: Portal) -> ApprovalRequest | None:
    """The portal's newest request, if it expired."""
    newest = ApprovalRequest.objects.filter(portal=portal).with_names().order_by("-requested_at", "-pk").first()
    return newest if newest and newest.state == ApprovalState.EXPIRED else None


def _text_tabs(portal: Portal, checklist: Checklist, language: str) -> list[TextTab]:
    missing = {item.key for item in checklist.open}
    return [
        TextTab(
            tag=text.language,
            name=language_name(text.language),
            address=step_address(portal.pk, PortalStep.WORDS, text.language),
            missing=f"text_{text.language}" in missing,
            is_shown=text.language == language,
        )
        for text in texts_in_order(portal)
    ]


def _list_analysts(portal: Portal) -> list[PortalAnalyst]:
    users = list(get_user_model().objects.analysts_of([portal.pk]).order_by("desk_name", "pk"))
    readers = set(get_user_model().objects.readers().values_list("pk", flat=True))
    return [
        PortalAnalyst(
            str(user), user.get_role_display(), language_name(user.language or USUAL_LANGUAGE), user.pk in readers
        )
        for user in users
    ]
