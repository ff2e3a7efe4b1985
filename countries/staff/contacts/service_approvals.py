"""Actions and approval requests about help services: what the public sees of them changes by two operators."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from audit.actions import record_event
from countries.models import ApprovalRequest, HelpService
from countries.public import published
from countries.staff.contacts.verified_form import describe_lapse
from countries.staff.document.differences import Difference
from countries.staff.document.row_requests import EditedRows, request_row_change
from countries.staff.requests.approvals import ApprovalKind, StaffMember, check_is_operator

FIELDS = (*HelpService.VERIFIED, "source", "verified_on", "verified_by", "verified_digest", "position")
SERVICES = EditedRows(
    model=HelpService,
    fields=FIELDS,
    key="key",
    key_in_events="key",
    is_public=lambda service: service.is_verified,
    show_change=lambda: published.clear_cache(),
)


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
    record_event(by=None, action="help_service.load", on=service, details=SERVICES.event_details({}, service))
    return service


def request_service(
    *, by: StaffMember, service: HelpService, reason: str, now: datetime | None = None
) -> ApprovalRequest:
    """See `request_row_change`."""
    return request_row_change(HELP_SERVICE, SERVICES, by=by, row=service, reason=reason, now=now)


@dataclass(frozen=True, slots=True)
class ServiceReview:
    """For the second operator. `lapse`: why the public would not see the service; "" where it would, or was not meant
    to."""

    differences: list[Difference]
    lapse: str


def _build_review(request: ApprovalRequest) -> ServiceReview:
    """Empty once it is decided: the old values are not kept."""
    if not request.is_waiting:
        return ServiceReview([], "")
    requested = HelpService(**SERVICES.requested_document(request))
    requested.clean_fields(exclude=["key"])
    lapse = describe_lapse(requested) if requested.has_changed_since_verified else ""
    return ServiceReview(SERVICES.differences(request), lapse)


HELP_SERVICE = ApprovalKind(
    code="help_service",
    check_may_decide=check_is_operator,
    contents=SERVICES.contents,
    changed_message=gettext_lazy("The service has changed since the request. Decline it and make a new one."),
    apply=SERVICES.apply,
    audit_details=SERVICES.audit_details,
    title=lambda request: _("%(service)s: help service") % {"service": request.service},
    template="countries/staff/contacts/_service_approval.html",
    review=_build_review,
    approved_message=gettext_lazy("Approved. The public sees the change within seconds."),
)
