"""Many incidents that share all that one can share with another: number, host, site, report, referrer, letter."""

from collections.abc import Sequence
from datetime import datetime
from itertools import count
from uuid import UUID, uuid4

from django.db.models import Model

from analysts.models import Assessment, Incident, NoticeItem, Referral, Sighting
from analysts.tests.factories import report_of
from countries.models import Portal

_NUMBERS = count(1)


def add_alike(incident: Incident, portal: Portal, number: int, *, received: datetime) -> list[Incident]:
    """Store incidents like this one, received in this hour, each in one report to the portal."""
    report = report_of(portal, f"https://unlike-{next(_NUMBERS)}.example.net/")
    others = [
        _copy(
            incident,
            # The digits of the number stay.
            id=UUID(int=incident.pk.int ^ at),
            fingerprint=at.to_bytes(32),
            first_sighted=received,
            last_sighted=received,
            portals=[],
            portal_languages=[],
        )
        for at in (next(_NUMBERS) for _number in range(number))
    ]
    Incident.objects.bulk_create(others)
    referrer = max(bytes(sighting.referrer_fingerprint) for sighting in incident.sightings.all())
    Sighting.objects.bulk_create(
        Sighting(incident=other, report=report, portal=portal, referrer_fingerprint=referrer) for other in others
    )
    for referral in incident.referrals.all():
        assessments = [_copy(referral.assessment, id=uuid4(), incident_id=other.pk) for other in others]
        Assessment.objects.bulk_create(assessments)
        referrals = [
            _copy(referral, id=uuid4(), incident_id=row.incident_id, assessment_id=row.pk) for row in assessments
        ]
        Referral.objects.bulk_create(referrals)
        _add_items(referral, referrals)
    return others


def _add_items(referral: Referral, referrals: Sequence[Referral]) -> None:
    NoticeItem.objects.bulk_create(
        _copy(item, id=uuid4(), referral_id=other.pk, incident_id=other.incident_id)
        for item in referral.items.all()
        for other in referrals
    )


def _copy[M: Model](row: M, **changed: object) -> M:
    fields = {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}
    return type(row)(**fields | changed)
