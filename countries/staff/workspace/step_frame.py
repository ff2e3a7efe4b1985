"""The frame of a step of a portal's workspace: the list of steps, missing items, the last change."""

from dataclasses import dataclass

from audit.permissions import HasPermissions
from countries.languages import language_name
from countries.models import ApprovalRequest, ApprovalState, Portal
from countries.staff.document.history import PortalHistoryRow, last_of_step
from countries.staff.document.steps import FORM_STEPS, PortalStep
from countries.staff.workspace import portal_approvals
from countries.staff.workspace.checklist import texts_in_order
from countries.staff.workspace.coverage import PortalCoverage, portal_coverage
from countries.staff.workspace.portal_top import Top, portal_top
from countries.staff.workspace.steps import (
    OpenItem,
    StepLink,
    neighbours_of,
    open_items,
    step_address,
    step_links,
)


@dataclass(frozen=True, slots=True)
class TextTab:
    """A language of the words step. `missing`: whether the checklist has an open item about this text."""

    tag: str
    name: str
    address: str
    missing: bool
    is_shown: bool


@dataclass(frozen=True, slots=True)
class PortalWorkspace:
    top: Top
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
    coverage: PortalCoverage | None
    previous: StepLink | None
    next: StepLink | None
    has_form: bool
    needs_second: bool


def build_workspace(user: HasPermissions, portal: Portal, step: PortalStep, language: str) -> PortalWorkspace:
    top = portal_top(user, portal)
    links = step_links(top.portal, top.checklist)
    link_of = {link.step: link for link in links}
    before, after = neighbours_of(step)
    return PortalWorkspace(
        top=top,
        step=step,
        links=links,
        missing=open_items(portal.pk, top.checklist, step, is_operator=top.may_change),
        all_missing=open_items(portal.pk, top.checklist, is_operator=top.may_change),
        last=last_of_step(portal, step) if top.may_change else None,
        expired=_expired_request(portal) if top.may_change else None,
        tabs=_text_tabs(top, language) if step is PortalStep.WORDS else [],
        coverage=portal_coverage(top.portal) if step is PortalStep.COVERAGE and top.may_change else None,
        previous=link_of[before] if before else None,
        next=link_of[after] if after else None,
        has_form=step in FORM_STEPS and (step is not PortalStep.WORDS or bool(language)),
        needs_second=portal_approvals.needs_second(top.portal),
    )


def language_shown(portal: Portal, tag: str) -> str:
    """The language of the words step: the wanted one, or else the first; "" for a portal without texts."""
    languages = [text.language for text in texts_in_order(portal)]
    return tag if tag in languages else next(iter(languages), "")


def address_after_save(portal: Portal, step: PortalStep, language: str, *, goes_on: bool) -> str:
    """The same screen, or the next one: the words step has one for each language."""
    if not goes_on:
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


def _text_tabs(top: Top, language: str) -> list[TextTab]:
    missing = {item.key for item in top.checklist.open}
    return [
        TextTab(
            tag=text.language,
            name=language_name(text.language),
            address=step_address(top.portal.pk, PortalStep.WORDS, text.language),
            missing=f"text_{text.language}" in missing,
            is_shown=text.language == language,
        )
        for text in texts_in_order(top.portal)
    ]
