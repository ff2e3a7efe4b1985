"""Which page a reporter names: often one whose incident is closed, because it may have to be reopened."""

from random import Random

from django.db.models import Q

from analysts.models import Assessment, Chase, Incident, IncidentQuerySet, Sighting
from analysts.states import State
from reports.models import the_hour
from tests.life.world import TEXTS, World


def choose_text(world: World, chance: Random) -> str:
    """Often that of an incident that is closed, those of today first."""
    closed = Incident.objects.filter(state=State.CLOSED)
    texts = _texts_of(world, closed.filter(closed_on=world.now.date())) or _texts_of(world, closed)
    return chance.choice(texts if texts and chance.random() < 0.6 else TEXTS)


def texts_closed_this_hour(world: World) -> list[str]:
    hour = the_hour(world.now)
    ended = Chase.objects.filter(ended_at__gte=hour).values("incident")
    judged = Assessment.objects.filter(at__gte=hour).values("incident")
    return _texts_of(world, Incident.objects.filter(Q(pk__in=ended) | Q(pk__in=judged), state=State.CLOSED))


def _texts_of(world: World, incidents: IncidentQuerySet) -> list[str]:
    reports = set(Sighting.objects.filter(incident__in=incidents).values_list("report", flat=True))
    return [sent.text for sent in world.sent if sent.receipt_id in reports]
