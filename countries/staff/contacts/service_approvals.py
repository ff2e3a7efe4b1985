"""Actions and approval requests about help services: what the public sees of them changes by two operators."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from audit.actions import JSON, record_event
from audit.permissions import Denied
from countries.models import ApprovalRequest, HelpService
from countries.public import published
from countries.staff.document.differences import Difference, find_field_differences
from countries.staff.document.portal_document import Document, digest_of
from countries.staff.document.recorded_changes import describe_row_changes, payload_changes
from countries.staff.document.row_requests import request_row_change
from countries.staff.requests.approvals import ApprovalKind, StaffMember
from countries.staff.requests.permissions import check_is_operator

# What operators edit; the key never changes.
FIELDS = (
    "kind", "name", "phone", "website", "countries", "min_age", "max_age", "languages", "source", "verified_on",
    "verified_by", "position",
)  # fmt: skip


@transaction.atomic
def load_service(fields: Mapping[str, object]) -> HelpService | None:
    """Create the catalogue's help service. Returns None if its key is taken: an existing one is not changed.

    Raises ValidationError for fields that an operator's form would refuse.
    """
    if HelpService.objects.filter(key=fields["key"]).exists():
        return None
    service = HelpService(**fields)
    service.full_clean()
    service.save()
    record_event(by=None, action="help_service.load", on=service, details=service_details({}, service))
    return service


def service_needs_second(stored: HelpService, service: HelpService) -> bool:
    """Whether the change is one that the public may see: of a verified service, or one that verifies it."""
    return stored.is_verified or service.is_verified


@transaction.atomic
def request_service(
    *, by: StaffMember, service: HelpService, reason: str, now: datetime | None = None
) -> ApprovalRequest:
    """Request that the stored service gets the fields of `service`, which is not saved.

    Raises Denied; ValidationError if nothing differs or the reason is empty.
    """
    stored = HelpService.objects.select_for_update(no_key=True).get(pk=service.pk)
    before, after = service_document(stored), service_document(service)
    return request_row_change(HELP_SERVICE, before, after, FIELDS, by=by, service=stored, reason=reason, now=now)


def service_document(service: HelpService) -> Document:
    """The service's fields as plain JSON."""
    values = {name: getattr(service, name) for name in FIELDS}
    return {name: value.isoformat() if isinstance(value, date) else value for name, value in values.items()}


def service_details(before: Document, service: HelpService) -> dict[str, JSON]:
    """What an event says of a saved service; `before` is {} for a new one."""
    return {"key": service.key, "changes": describe_row_changes(before, service_document(service), FIELDS)}


@dataclass(frozen=True, slots=True)
class ServiceReview:
    """What the second operator reviews. After the decision there are no differences: the old values are not kept."""

    service: HelpService
    differences: list[Difference]


def _service_of(request: ApprovalRequest) -> HelpService:
    if request.service is None:
        raise ValueError("The request is not about a help service.")
    return request.service


def _check_unchanged(user: StaffMember, request: ApprovalRequest, now: datetime) -> None:
    if request.digest != digest_of(service_document(_service_of(request))):
        raise Denied(gettext_lazy("The service has changed since the request. Decline it and make a new one."))


def _apply_service(request: ApprovalRequest, by: StaffMember, now: datetime) -> str:
    service = _service_of(request)
    for name, value in request.payload["service"].items():
        setattr(service, name, date.fromisoformat(value) if name == "verified_on" and value else value)
    service.full_clean()
    service.save(update_fields=FIELDS)
    # This process shows the change at once, the others within seconds.
    transaction.on_commit(published.clear_cache)
    return ""


def _build_review(request: ApprovalRequest) -> ServiceReview:
    service = _service_of(request)
    before, after = service_document(service), request.payload["service"]
    return ServiceReview(
        service, find_field_differences(HelpService, FIELDS, before, after) if request.is_waiting else []
    )


def _audit_details(request: ApprovalRequest) -> dict[str, JSON]:
    return {"key": _service_of(request).key, **payload_changes(request.payload)}


HELP_SERVICE = ApprovalKind(
    code="help_service",
    check_may_decide=check_is_operator,
    check_is_current=_check_unchanged,
    apply=_apply_service,
    audit_details=_audit_details,
    title=lambda request: _("%(service)s: help service") % {"service": request.service},
    template="countries/staff/contacts/_service_approval.html",
    review=_build_review,
    approved_message=gettext_lazy("Approved. The public sees the change within seconds."),
)
