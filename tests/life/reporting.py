"""Which page a reporter names: often one whose incident is closed, because it may have to be reopened."""

from random import Random

from django.db.models import Q, QuerySet

from analysts.models import Assessment, Chase, Incident, Sighting
from analysts.states import State
from reports.models import the_hour
from tests.life.world import TEXTS, World


def choose_text(world: World, chance: Random) -> str:
    """Often that of an incident that is closed, the latest first."""
    closed = Incident.objects.filter(state=State.CLOSED)
    for incidents in (closed_this_hour(world), closed.filter(closed_on=world.now.date()), closed):
        reports = set(Sighting.objects.filter(incident__in=incidents).values_list("report", flat=True))
        texts = [sent.text for sent in world.sent if sent.receipt_id in reports]
        if texts:
            return chance.choice(texts if chance.random() < 0.6 else TEXTS)
    return chance.choice(TEXTS)


def closed_this_hour(world: World) -> QuerySet[Incident]:
    hour = the_hour(world.now)
    ended = Chase.objects.filter(ended_at__gte=hour).values("incident")
    judged = Assessment.objects.filter(at__gte=hour).values("incident")
    return Incident.objects.filter(Q(pk__in=ended) | Q(pk__in=judged), state=State.CLOSED)
