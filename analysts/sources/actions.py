"""Actions on sources: adding one, requesting a key, and closing a key at once. Two people give a key."""

import uuid
from datetime import date, datetime

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from analysts.accounts.approvals import Effects
from analysts.models import User
from analysts.sources.permissions import check_keeps_sources, check_sees_sources
from audit.actions import JSON, record_event, record_view
from audit.permissions import Denied, Late, is_allowed
from countries import api_keys
from countries.models import ApprovalRequest, Portal, Source, SourceKey, SourceKind
from countries.staff.requests.approvals import Approval, ApprovalKind, StaffMember, request_approval
from countries.staff.requests.staff_pages import format_day, staff_page

# Lets secret scanners recognise a leaked key.
MARK = "srcs_"
CHOOSE_DATE = gettext_lazy("Choose a date after today and within a year.")


def view_sources(*, by: User, now: datetime | None = None) -> None:
    """Record that `by` viewed the page of sources and keys."""
    check_sees_sources(by)
    record_view(by=by, action="source.view", at=now or timezone.now())


@transaction.atomic
def add_source(*, by: User, name: str, kind: SourceKind | str, portal: Portal, now: datetime | None = None) -> Source:
    """Add a source without a key, which can send nothing. Raises Denied."""
    check_keeps_sources(by)
    source = Source.objects.create(name=name, kind=kind, portal=portal)
    details: dict[str, JSON] = {"name": name, "source_kind": str(kind), "scope": portal.slug}
    record_event(by=by, action="source.add", on=source, details=details, at=now or timezone.now())
    return source


@transaction.atomic
def request_key(
    *, by: User, source: Source, quota: int, expires_on: date, reason: str, now: datetime | None = None
) -> ApprovalRequest:
    """Request a key for the source, which from its approval on may report `quota` addresses a day. Raises Denied."""
    check_keeps_sources(by)
    now = now or timezone.now()
    source = Source.objects.select_for_update(no_key=True).get(pk=source.pk)
    if not api_keys.is_expiry_allowed(expires_on, today=now.date()):
        raise Denied(CHOOSE_DATE)
    payload: dict[str, JSON] = {"key": str(uuid.uuid4()), "quota": quota, "expires_on": expires_on.isoformat()}
    return request_approval(
        SOURCE_KEY, by=by, about=source, payload=payload, before=_identity(source), reason=reason, now=now
    )


@transaction.atomic
def close_key(*, by: User, key: SourceKey, now: datetime | None = None) -> SourceKey:
    """Close the key, at once and alone. Its row stays: reports refer to it."""
    now = now or timezone.now()
    check_sees_sources(by)
    if not SourceKey.objects.filter(pk=key.pk, closed_on=None).update(closed_on=now.date()):
        raise Late(_("This key is already closed."))
    key.refresh_from_db()
    details: dict[str, JSON] = {"name": key.source.name, "prefix": key.prefix}
    record_event(by=by, action="source.close_key", on=key.source, details=details, at=now)
    return key


def is_open(key: SourceKey, *, today: date) -> bool:
    return key.closed_on is None and key.expires_on >= today


def _identity(source: Source) -> list[object]:
    return [source.name, source.kind, source.portal_id, source.quota]


def _check_requester(by: StaffMember, request: ApprovalRequest, now: datetime) -> None:
    if not is_allowed(check_keeps_sources, request.requested_by):
        raise Denied(gettext_lazy("The person who requested this may no longer give keys."))
    if not api_keys.is_expiry_allowed(_expiry(request), today=now.date()):
        raise Denied(CHOOSE_DATE)


def _expiry(request: ApprovalRequest) -> date:
    return date.fromisoformat(request.payload["expires_on"])


def _make_key(request: ApprovalRequest, by: StaffMember, now: datetime) -> str:
    source, secret = request.about_row(Source), api_keys.make_secret(MARK)
    source.quota = request.payload["quota"]
    source.save(update_fields=["quota"])
    SourceKey.objects.create(
        id=uuid.UUID(request.payload["key"]),
        source=source,
        prefix=api_keys.prefix_of(secret),
        digest=api_keys.hash_secret(secret),
        expires_on=_expiry(request),
        opened_on=now.date(),
    )
    return secret


def _list_effects(request: ApprovalRequest) -> Effects:
    source = request.about_row(Source)
    return [
        (_("Organisation"), [f"{source.name} ({source.get_kind_display()})"]),
        (_("Reports to"), [source.portal.name]),
        (_("Addresses a day"), [str(request.payload["quota"])]),
        (_("Valid until"), [format_day(_expiry(request))]),
    ]


def _audit_details(request: ApprovalRequest) -> dict[str, JSON]:
    source = request.about_row(Source)
    return {
        "name": source.name,
        "scope": source.portal.slug,
        "quota": request.payload["quota"],
        "expires_on": request.payload["expires_on"],
    }


def _show_secret(request: HttpRequest, approval: Approval) -> HttpResponse:
    """The page that shows the second person the key, once."""
    source = approval.request.about_row(Source)
    context = {
        "title": _("Key for %(name)s") % {"name": source.name},
        "secret": approval.secret,
        "source": source,
        "expires_on": _expiry(approval.request),
    }
    return staff_page(request, "analysts/sources/key.html", context)


SOURCE_KEY = ApprovalKind(
    code="source_key",
    check_may_decide=check_keeps_sources,
    check_is_current=_check_requester,
    contents=lambda request: _identity(request.about_row(Source)),
    changed_message=gettext_lazy("The source has changed since the request. Decline it and make a new one."),
    apply=_make_key,
    audit_details=_audit_details,
    title=lambda request: _("%(name)s: key to send reports") % {"name": request.source},
    template="analysts/sources/_key_approval.html",
    review=_list_effects,
    needs_recent_sign_in=True,
    secret_page=_show_secret,
)
