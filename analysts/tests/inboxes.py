"""Factories for inboxes: a unit, an account of it, and what was referred to it."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.test import override_settings
from django.utils import timezone

from analysts.codes import Role
from analysts.codes.recipient_kinds import RecipientKind, ReferralKind
from analysts.models import Incident, Notice, NoticeItem, Purpose, Recipient, RecipientAccess, Referral, User
from analysts.takedown.notices import rendering, texts
from analysts.takedown.notices.sending import mark_sent, seal_copies
from analysts.takedown.routing.referrals import request_clearance
from analysts.tests.factories import assessed_illegal
from analysts.tests.notices import host, place, planned
from analysts.tests.places import PHONE
from countries.tests.factories import store_verified
from tests.rig.fixtures import create_person


def unit(name: str, *, by: User, kind: RecipientKind = RecipientKind.POLICE) -> Recipient:
    """A verified recipient that can have accounts."""
    about: dict[str, Any] = {"kind": kind, "email": "desk@example.org", "languages": ["en"], "phone": PHONE}
    return store_verified(Recipient(name=name, verified_on=timezone.localdate(), verified_by=by, **about))


def inbox_of(
    recipient: Recipient, *, by: User, user: User | None = None, now: datetime | None = None
) -> RecipientAccess:
    """The access of an officer, confirmed at `now`."""
    officer = user or create_person(f"officer-{recipient.name.split()[0].lower()}", Role.RECIPIENT)
    today = (now or timezone.now()).date()
    return RecipientAccess.objects.create(user=officer, recipient=recipient, confirmed_on=today, confirmed_by=by)


def referred_to(
    recipient: Recipient, incident: Incident, *, by: User, now: datetime | None = None
) -> tuple[Referral, Notice]:
    """A referral of the incident to the recipient, whose letter was sent; and the letter."""
    now = now or timezone.now()
    texts.load_shipped_texts()
    assessment = incident.assessments.first() or assessed_illegal(incident, by, now=now)
    referral = Referral.objects.create(
        incident=incident,
        assessment=assessment,
        kind=ReferralKind.POLICE,
        recipient=recipient.name,
        to=recipient,
        by=by,
        at=now,
    )
    item = planned(referral, by=by, now=now)
    assert item is not None
    send(item, now=now)
    referral.refresh_from_db()
    return referral, Notice.objects.get(pk=item.notice_id)


def asked_for_clearance(police: Recipient, *incidents: Incident, by: User, now: datetime | None = None) -> Notice:
    """The sent letter that asks the police for clearance of these incidents; a notice to their hosts waits for it."""
    now = now or timezone.now()
    texts.load_shipped_texts()
    items = []
    for incident in incidents:
        assessment = assessed_illegal(incident, by, now=now)
        provider = host(f"Host of {incident}", by=by)
        place(assessment, provider, now=now)
        names = {"recipient": provider.name, "to": provider, "kind": ReferralKind.TAKEDOWN}
        Referral.objects.create(incident=incident, assessment=assessment, by=by, at=now, **names)
        with transaction.atomic():
            request_clearance(Incident.objects.get(pk=incident.pk), police, by=by, now=now)
        referral = Referral.objects.get(incident=incident, to=police)
        items.append(planned(referral, by=by, now=now, purpose=Purpose.CLEARANCE))
    assert items[0] is not None
    send(items[0], now=now)
    return Notice.objects.get(pk=items[0].notice_id)


def send(item: NoticeItem, *, now: datetime) -> None:
    """As the worker does, without a mail server."""
    with override_settings(PUBLIC_URL="https://report.hotline.example"), transaction.atomic():
        letter = rendering.render_letter(item.notice)
        seal_copies(item.notice, list(item.notice.items.filter(dropped="")), letter, now=now)
        mark_sent(item.notice, letter, by=None, now=now)
