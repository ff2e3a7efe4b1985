"""The demonstration's takedowns complete for any random plan."""

import random
from datetime import timedelta
from typing import Any

from django.utils import timezone

from analysts.accounts.coverage import uncovered_portals
from analysts.demonstration.staff import create_staff
from analysts.demonstration.until_gone import TakedownCase, UntilGone
from analysts.models import Incident, Notice, NoticeItem, Redaction, Referral, User
from analysts.states import State
from analysts.takedown.notices.redaction_review import confirm_redaction
from analysts.tests.factories import assessed_illegal, incident_of
from analysts.tests.notices import host, place, planned
from countries.models import Portal, PortalGroup, Region

PERSONAL = "https://example.org/gallery?share_id=one"


class _Sure(random.Random):
    """Makes every random choice come out true."""

    def random(self) -> float:
        return 0.0


def test_address_that_has_left_is_routed_again_in_the_form_it_left_in(belize: Portal, ana: User, sena: User) -> None:
    """Notified, closed and reported again: loading must not fail on a redaction that can no longer change."""
    now = timezone.now() - timedelta(days=2)
    verdict = assessed_illegal(incident_of(belize, PERSONAL), ana, now=now)
    incident, to = verdict.incident, host(by=sena)
    confirm_redaction(by=ana, incident=incident, address=PERSONAL, now=now)
    place(verdict, to, now=now)
    referral = Referral.objects.create(
        incident=incident, assessment=verdict, kind="takedown", recipient=to.name, to=to, by=ana, at=now
    )
    assert planned(referral, by=ana, now=now)
    Notice.objects.update(attempts=1)

    UntilGone(lambda when, act: None, _Sure()).route(TakedownCase(incident.pk, ana, "GB", None), timezone.now())

    assert not Redaction.objects.get().is_shortened
    assert Incident.objects.get().state == State.ACTING
    assert NoticeItem.objects.filter(incident=incident).exists()


def test_portals_have_analysts_one_of_them_by_group(belize: Portal, zambia: Portal, settings: Any) -> None:
    settings.DEMO = True
    Portal.objects.filter(pk=zambia.pk).update(region=Region.AFRICA)
    create_staff()
    assert uncovered_portals() == []
    group = PortalGroup.objects.get()
    assert (list(group.portals.all()), [member.username for member in group.members.all()]) == ([zambia], ["analyst"])
    User.objects.exclude(username="analyst").update(is_active=False)
    assert uncovered_portals() == []
