"""Rows of an attacker before a lockdown: a letter that is due, and a member's key; and an alarm to staff."""

from datetime import timedelta

from django.utils import timezone

from analysts.assessment import actions
from analysts.codes import IncidentKind, Role
from analysts.models import FeedScope, Notice, User
from analysts.states import State
from analysts.takedown.notices import outbox
from analysts.takedown.url_list import members
from countries.models import Portal
from countries.staff.workspace import emergency
from tests.acts import verdicts
from tests.proofs.inside.letters import plan_letter


def make_letter_due() -> str:
    """Plan a letter to a recipient of its own and let it leave now; returns the notice's id."""
    by = User.objects.filter(role=Role.SENIOR, is_active=True).order_by("pk")[0]
    while True:
        incident = actions.claim_next(by=by)
        if incident is None:
            raise LookupError("No incident waits.")
        assessment = verdicts.assess_as_illegal(by, incident)
        incident.refresh_from_db()
        if incident.state != State.WAITING and incident.kind == IncidentKind.ADDRESS:
            # One that a second person must confirm sends no letter, and words without an address go to no host.
            return release_letter(str(plan_letter(assessment, by).pk))


def release_letter(notice_id: str) -> str:
    """Make the letter due as a statement in the database would, with a job for it."""
    now = timezone.now()
    Notice.objects.filter(pk=notice_id).update(scheduled_at=now - timedelta(minutes=5))
    outbox.schedule_sending(Notice.objects.get(pk=notice_id), now)
    return notice_id


def make_member_key() -> str:
    by = User.objects.filter(role=Role.SENIOR, is_active=True).order_by("pk")[0]
    until = timezone.now().date() + timedelta(days=30)
    _key, secret = members.make_key(by=by, member="Member", scope=FeedScope.ADDRESSES, expires_on=until)
    return secret


def suspend_portal(slug: str) -> str:
    """Suspend the portal in an emergency, which alarms staff; returns the suspension's number."""
    by = User.objects.filter(role=Role.OPERATOR, is_active=True).order_by("pk")[0]
    suspension = emergency.suspend_at_once(by=by, portal=Portal.objects.get(slug=slug), reason="A drill.")
    return str(suspension.pk)
