"""Approval requests for changes to a portal that the public sees.

A change to text, contacts or appearance is stored as a whole document. It can be approved only if the portal has not
changed since the request, so that nothing is overwritten that the second operator did not see.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from audit.actions import JSON
from audit.permissions import Denied, HasPermissions
from countries.languages import language_name
from countries.models import ApprovalRequest, Contact, Portal, PortalState
from countries.public import published
from countries.staff.contacts.contact_items import contacts_in_order
from countries.staff.document import portal_document as documents
from countries.staff.document.checklist_item import Checklist
from countries.staff.document.differences import Difference, find_differences
from countries.staff.document.portal_document import Document, document_of
from countries.staff.document.recorded_changes import describe_portal_changes, payload_changes
from countries.staff.requests.approvals import (
    AlreadyWaiting,
    ApprovalKind,
    StaffMember,
    check_is_operator,
    request_approval,
)
from countries.staff.workspace import lifecycle
from countries.staff.workspace.checklist import PREFETCHED, build_checklist, texts_in_order
from countries.staff.workspace.launch_date import LaunchDate, check_launch_date, launch_from_payload
from countries.staff.workspace.permissions import check_can_move
from countries.states import Verb, target


def needs_second(portal: Portal) -> bool:
    """Whether changes need a second operator; also for a portal scheduled after a restricted test."""
    return portal.may_have_receipts


def check_can_request(user: HasPermissions, portal: Portal) -> None:
    check_is_operator(user)
    if not needs_second(portal):
        raise Denied(gettext_lazy("The public cannot see this portal: change it directly."))


@transaction.atomic
def request_words(
    *, by: StaffMember, portal: Portal, document: Document, reason: str, now: datetime | None = None
) -> ApprovalRequest:
    """Request approval for replacing the portal's data with the document.

    Raises Denied; ValidationError if nothing would change, a request is waiting, or the document is invalid.
    """
    portal = Portal.objects.locked().get(pk=portal.pk)
    check_can_request(by, portal)
    before = document_of(portal)
    if document == before:
        raise ValidationError(_("Nothing differs from what the public sees now."), code="same")
    _dry_run_document(portal, document)
    payload: dict[str, JSON] = {"document": document, "changes": describe_portal_changes(before, document)}
    return _submit_request(PORTAL_WORDS, by=by, portal=portal, payload=payload, before=before, reason=reason, now=now)


@transaction.atomic
def request_state(
    *,
    by: StaffMember,
    portal: Portal,
    verb: str,
    reason: str,
    opens_on: date | None = None,
    launch: LaunchDate | None = None,
    now: datetime | None = None,
) -> ApprovalRequest:
    """Request approval for a change of state, whose conditions are checked again on approval.

    `launch`: as for `lifecycle.transition_portal`.

    Raises Denied; ValidationError if the reason is empty or a request is waiting.
    """
    portal = Portal.objects.locked().get(pk=portal.pk)
    check_can_request(by, portal)
    check_can_move(by, portal, Verb(verb), timezone.localdate(now))
    if launch:
        check_launch_date(portal, launch, timezone.localdate(now))
    dates = launch.as_payload() if launch else {}
    payload = {"verb": Verb(verb).value, "opens_on": opens_on.isoformat() if opens_on else "", **dates}
    before = document_of(portal)
    return _submit_request(PORTAL_STATE, by=by, portal=portal, payload=payload, before=before, reason=reason, now=now)


def waiting_document(request: ApprovalRequest) -> Document | None:
    """The requested document while the request is waiting, otherwise None."""
    return request.payload.get("document") if request.is_waiting else None


@dataclass(frozen=True, slots=True)
class RequestedVersion:
    """The portal as a waiting request would make it. `languages`: tag and name of its texts."""

    checklist: Checklist
    contacts: list[Contact]
    languages: list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class PortalReview:
    """For the second operator. After the decision there are no differences: the old portal is not kept."""

    # Differences where a mistake could send a person who needs help to the wrong people.
    misleading: list[Difference]
    others: list[Difference]
    # None once it is decided, and if the portal's rules refuse it now.
    version: RequestedVersion | None
    # The `state` of the preview's address (`portal_site.preview.views`); "" if there is no version.
    preview_state: str
    # The language that the preview shows first: the first one whose text differs.
    preview_language: str
    # For a change of state only.
    verb: str
    opens_on: date | None
    # For a launch only.
    launch: LaunchDate | None


def _submit_request(
    kind: ApprovalKind,
    *,
    by: StaffMember,
    portal: Portal,
    payload: Mapping[str, JSON],
    before: Document,
    reason: str,
    now: datetime | None,
) -> ApprovalRequest:
    if not reason.strip():
        raise ValidationError(_("Give a reason: the person who approves the request reads it."), code="reason")
    try:
        return request_approval(kind, by=by, about=portal, payload=payload, before=before, reason=reason, now=now)
    except AlreadyWaiting as waiting:
        raise ValidationError(str(waiting.reason), code="waiting") from None


def _dry_run_document(portal: Portal, document: Document) -> None:
    with transaction.atomic():
        documents.apply_document(Portal.objects.get(pk=portal.pk), document)
        transaction.set_rollback(True)


def _contents_of(request: ApprovalRequest) -> Document:
    return document_of(request.about_row(Portal))


def _check_can_still_move(user: StaffMember, request: ApprovalRequest, now: datetime) -> None:
    check_can_move(user, request.about_row(Portal), Verb(request.payload["verb"]), timezone.localdate(now))


def _apply_words(request: ApprovalRequest, by: StaffMember, now: datetime) -> str:
    documents.apply_document(
        request.about_row(Portal), request.payload["document"], recorded_by=request.requested_by_id
    )
    # This process shows the change at once, the others within seconds.
    transaction.on_commit(published.clear_cache)
    return ""


def _apply_state(request: ApprovalRequest, by: StaffMember, now: datetime) -> str:
    lifecycle.transition_portal(
        by=by,
        portal=request.about_row(Portal),
        verb=request.payload["verb"],
        reason=request.reason,
        opens_on=_opening_day(request),
        launch=launch_from_payload(request.payload),
        now=now,
    )
    return ""


def _opening_day(request: ApprovalRequest) -> date | None:
    day: str = request.payload.get("opens_on", "")
    return date.fromisoformat(day) if day else None


def _without_phrase(payload: dict[str, Any]) -> dict[str, Any]:
    """The payload without the access phrase, which is a secret and not needed after the decision."""
    return {**payload, "document": documents.without_secrets(payload["document"])}


def _build_review(request: ApprovalRequest) -> PortalReview:
    portal, document = request.about_row(Portal), waiting_document(request)
    differences = find_differences(document_of(portal), document) if document else []
    version = _read_version(portal, document) if request.is_waiting else None
    tags = [tag for tag, _name in version.languages] if version else []
    changed = {difference.row for difference in differences if difference.part == "texts"}
    state, verb = PortalState(portal.state), Verb(request.payload["verb"]) if "verb" in request.payload else None
    state = target(verb) if verb else state if state.takes_reports else PortalState.LIVE
    return PortalReview(
        misleading=[difference for difference in differences if difference.misleads],
        others=[difference for difference in differences if not difference.misleads],
        version=version,
        preview_state=f"{state.value}-change-{request.pk}" if version else "",
        preview_language=next((tag for tag in tags if tag in changed), next(iter(tags), "")),
        verb=str(verb.label) if verb else "",
        opens_on=_opening_day(request),
        launch=launch_from_payload(request.payload),
    )


def _read_version(portal: Portal, document: Document | None) -> RequestedVersion | None:
    """The portal as the document would make it, read in a transaction that is rolled back."""
    with transaction.atomic():
        try:
            if document:
                documents.apply_document(Portal.objects.get(pk=portal.pk), document)
        except ValidationError:
            return None
        stored = Portal.objects.prefetch_related(*PREFETCHED).get(pk=portal.pk)
        version = RequestedVersion(
            checklist=build_checklist(stored, timezone.localdate()),
            contacts=contacts_in_order(stored),
            languages=[(text.language, language_name(text.language)) for text in texts_in_order(stored)],
        )
        transaction.set_rollback(True)
    return version


def _audit_details(request: ApprovalRequest) -> dict[str, JSON]:
    verb: dict[str, JSON] = {"verb": request.payload["verb"]} if "verb" in request.payload else {}
    return {**verb, **payload_changes(request.payload)}


_portal_kind = partial(
    ApprovalKind,
    check_may_decide=check_is_operator,
    contents=_contents_of,
    changed_message=gettext_lazy("The portal has changed since the request. Decline it and make a new one."),
    audit_details=_audit_details,
    template="countries/staff/workspace/_approval.html",
    review=_build_review,
    approved_message=gettext_lazy("Approved. The public sees the change within seconds."),
)
PORTAL_WORDS = _portal_kind(
    code="portal_words",
    apply=_apply_words,
    prune=_without_phrase,
    title=lambda request: _("%(portal)s: text, contacts or appearance") % {"portal": request.portal},
)
PORTAL_STATE = _portal_kind(
    code="portal_state",
    check_is_current=_check_can_still_move,
    apply=_apply_state,
    title=lambda request: f"{request.portal}: {Verb(request.payload['verb']).label}",
)
PORTAL_KINDS = (PORTAL_WORDS, PORTAL_STATE)
