"""To-do kinds for routing, police clearance and recipient verification."""

from datetime import datetime

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from analysts.models import Chase, NoticeItem, PoliceHold, Recipient, Referral, User
from analysts.models.notice import UNSENT
from analysts.takedown.to_do_kinds import ToDoKind, ToDoLine, chase_to_do, incident_number, recipient_name

MOVED = chase_to_do(
    name="moved",
    label=_("Approve the new route"),
    why=_("The incident is hosted elsewhere now. Nothing is sent until the new route is confirmed."),
    section="route",
    due=lambda chases, now: chases.moved(),
    since=lambda chase: chase.traced_at if chase.has_moved else None,
)
ROUTE = chase_to_do(
    name="route",
    label=_("Confirm the route"),
    why=_("The hosting is agreed. Nothing is sent until the route is confirmed."),
    section="route",
    due=lambda chases, now: chases.unrouted(),
    since=lambda chase: chase.traced_at if chase.routed_trace is None else None,
)


def police_due(user: User, now: datetime) -> QuerySet[PoliceHold]:
    chases = Chase.objects.visible_to(user)
    return PoliceHold.objects.waiting().sent().filter(incident__in=chases.open().values("incident"))


def line_of_hold(hold: PoliceHold, now: datetime) -> ToDoLine:
    return ToDoLine(hold.incident_id, incident_number(hold.incident_id), recipient_name(hold.police), hold.sent_at)


POLICE = ToDoKind(
    name="police",
    label=_("Obtain police clearance"),
    why=_("The police have been asked for clearance. Nothing is sent until they grant it."),
    section="route",
    needs="analysts_policehold WHERE answer = ''",
    due=police_due,
    is_open=True,
    with_related=lambda holds, user: holds.select_related("police"),
    line=line_of_hold,
    attached="waiting_police",
    waiting=lambda incident: PoliceHold.objects.waiting().sent().filter(incident=incident).values("sent_at"),
)


def referrals_to_unverified() -> QuerySet[Referral]:
    """Open referrals that need a notice or reminder, to recipients that cannot be sent one.

    Deactivated recipients count only until the first notice, and while a notice waits: deactivating one later stops its
    further reminders on purpose.
    """
    waiting = NoticeItem.objects.filter(referral=OuterRef("pk"), dropped="", notice__state__in=UNSENT)
    not_verified = (Recipient.unverified("to__") & Q(to__closed_on=None)) | (
        Q(to__closed_on__isnull=False) & (Q(noticed_at=None) | Exists(waiting))
    )
    return Referral.objects.filter(not_verified, to__isnull=False, ended_at=None)


def line_of_referral(referral: Referral, now: datetime) -> ToDoLine:
    name = recipient_name(referral.to) if referral.to else ""
    return ToDoLine(referral.incident_id, incident_number(referral.incident_id), name, referral.at)


UNVERIFIED = ToDoKind(
    name="unverified",
    label=_("Have a recipient verified"),
    why=_("The recipient is not verified, or no longer used. Nothing is sent to it until it is verified."),
    section="route",
    due=lambda user, now: (
        referrals_to_unverified().filter(incident__portals__overlap=user.portal_array).order_by("at", "pk")
    ),
    with_related=lambda referrals, user: referrals.select_related("to"),
    line=line_of_referral,
    attached="open_referrals",
    waiting=lambda incident: referrals_to_unverified().filter(incident=incident).order_by("at").values("at"),
)
