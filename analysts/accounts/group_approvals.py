"""Approval requests about portal groups: members and portals change by two administrators, as roles do."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from analysts.accounts.approvals import Effects, account_ids, check_requester
from analysts.accounts.coverage import note_coverage
from analysts.accounts.permissions import check_is_administrator
from analysts.models import User
from audit.actions import JSON, record_event
from audit.permissions import Denied
from countries.models import ApprovalRequest, Portal, PortalGroup
from countries.staff.requests.approvals import ApprovalKind, StaffMember, request_approval


@transaction.atomic
def add_group(*, by: User, name: str) -> PortalGroup:
    """Create a group without portals and members, which opens nothing. Raises Denied."""
    check_is_administrator(by)
    group = PortalGroup.objects.create(name=name)
    record_event(by=by, action="group.add", on=group, details={"name": group.name})
    return group


@transaction.atomic
def request_group(
    *,
    by: User,
    group: PortalGroup,
    members: Collection[User],
    portals: Collection[Portal],
    reason: str,
    now: datetime | None = None,
) -> ApprovalRequest:
    """Request that the group has exactly these members and portals. Raises Denied, also if that changes nothing."""
    check_is_administrator(by)
    group = PortalGroup.objects.select_for_update(no_key=True).get(pk=group.pk)
    payload = {"members": sorted(user.pk for user in members), "portals": sorted(portal.pk for portal in portals)}
    before = _contents_of(group)
    if payload == before:
        raise Denied(gettext_lazy("The group has these members and portals already."))
    return request_approval(GROUP_CHANGE, by=by, about=group, payload=payload, before=before, reason=reason, now=now)


def _contents_of(group: PortalGroup) -> dict[str, list[int]]:
    return {
        "members": sorted(group.members.order_by().values_list("pk", flat=True)),
        "portals": sorted(group.portals.order_by().values_list("pk", flat=True)),
    }


def _change_group(request: ApprovalRequest, by: StaffMember, now: datetime) -> str:
    group = request.about_row(PortalGroup)
    group.members.set(request.payload["members"])
    group.portals.set(request.payload["portals"])
    note_coverage(now=now)
    return ""


def _list_effects(request: ApprovalRequest) -> Effects:
    before, after = _contents_of(request.about_row(PortalGroup)), request.payload
    members = dict(User.objects.values_list("pk", "username"))
    portals = dict(Portal.objects.values_list("pk", "name"))
    return [
        (_("Members added"), _names_added(before["members"], after["members"], members)),
        (_("Members removed"), _names_added(after["members"], before["members"], members)),
        (_("Portals added"), _names_added(before["portals"], after["portals"], portals)),
        (_("Portals removed"), _names_added(after["portals"], before["portals"], portals)),
    ]


def _names_added(before: Collection[int], after: Collection[int], names: dict[Any, str]) -> list[str]:
    return sorted(names[key] for key in set(after) - set(before) if key in names)


def _audit_details(request: ApprovalRequest) -> dict[str, JSON]:
    """The group's members and portals before and after, each member by its id in the log."""
    group = request.about_row(PortalGroup)
    return {
        "group": group.name,
        "members": account_ids(request.payload["members"]),
        "members_before": account_ids(group.members.order_by().values_list("pk", flat=True)),
        "portals": list(Portal.objects.filter(pk__in=request.payload["portals"]).values_list("slug", flat=True)),
        "portals_before": list(group.portals.values_list("slug", flat=True)),
    }


GROUP_CHANGE = ApprovalKind(
    code="portal_group",
    check_may_decide=check_is_administrator,
    check_is_current=check_requester,
    contents=lambda request: _contents_of(request.about_row(PortalGroup)),
    changed_message=gettext_lazy("The group has changed since the request. Decline it and make a new one."),
    apply=_change_group,
    audit_details=_audit_details,
    title=lambda request: _("%(group)s: members and portals") % {"group": request.group},
    template="analysts/accounts/_group_approval.html",
    review=_list_effects,
    needs_recent_sign_in=True,
)
