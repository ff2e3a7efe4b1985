"""Factories for hosting providers, referrals and notices."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from analysts.codes import Flag
from analysts.codes.recipient_kinds import ReferralKind
from analysts.models import (
    Assessment,
    Chase,
    Incident,
    Notice,
    NoticeItem,
    NoticeState,
    NoticeTemplate,
    Purpose,
    Recipient,
    Referral,
    User,
)
from analysts.takedown.notices import actions, texts
from analysts.tests.factories import assessed_illegal, incident_of
from countries.models import Portal
from countries.tests.factories import store_verified


def host(name: str = "Example Hosting", *, by: User, **fields: Any) -> Recipient:
    """A verified hosting provider."""
    about = {"kind": "host", "email": "abuse@example.net", "languages": ["en"], **fields}
    return store_verified(Recipient(name=name, verified_on=timezone.localdate(), verified_by=by, **about))


def referred(
    portal: Portal,
    by: User,
    to: Recipient,
    address: str = "https://example.org/gallery",
    *,
    now: datetime | None = None,
    flags: Sequence[Flag] = (),
    **fields: Any,
) -> Referral:
    """A referral to `to` of a new illegal incident that is traced and whose route is confirmed."""
    now = now or timezone.now()
    assessment = assessed_illegal(incident_of(portal, address, now=now), by, now=now, flags=flags)
    place(assessment, to, now=now)
    return Referral.objects.create(
        incident=assessment.incident,
        assessment=assessment,
        kind=ReferralKind.TAKEDOWN,
        recipient=to.name,
        to=to,
        by=by,
        at=now,
        **fields,
    )


def place(assessment: Assessment, provider: Recipient, *, now: datetime) -> None:
    """Record `provider` as the agreed hosting and confirm the route."""
    Chase.objects.filter(incident=assessment.incident, ended_at=None).update(
        country="NL", provider=provider, traced_at=now, trace=1, routed_trace=1
    )


def gathering_for(
    incident: Incident, by: User, *, name: str = "Example Hosting", now: datetime | None = None
) -> NoticeItem:
    """The item of the incident in a gathering notice to `name`. Assesses the incident as illegal if needed."""
    now = now or timezone.now()
    assessment = incident.assessments.first() or assessed_illegal(incident, by, now=now)
    if not Chase.objects.filter(incident=incident, ended_at=None).exists():
        Chase.objects.create(incident=incident, round=99, since=now)
    to = Recipient.objects.filter(name=name).first() or host(name, by=by)
    place(assessment, to, now=now)
    referral = Referral.objects.create(
        incident=incident, assessment=assessment, kind=ReferralKind.TAKEDOWN, recipient=name, to=to, by=by, at=now
    )
    item = planned(referral, by=by, now=now)
    assert item is not None
    return item


def planned(
    referral: Referral, *, by: User | None, now: datetime, interval: int = 0, purpose: Purpose = Purpose.FIRST
) -> NoticeItem | None:
    with transaction.atomic():
        return actions.plan_notice(referral=referral, interval=interval, purpose=purpose, by=by, now=now)


def mark_as_sent(notice: Notice, *, now: datetime | None = None) -> None:
    """Set the notice and its referrals as they are once it was sent."""
    texts.load_shipped_texts()
    now = now or timezone.now()
    Notice.objects.filter(pk=notice.pk).update(
        state=NoticeState.SENT, sent_at=now, template=NoticeTemplate.objects.first()
    )
    Referral.objects.filter(items__notice=notice, noticed_at=None).update(noticed_at=now)
