"""Lines of an incident's history: confirmed routes and what the police were asked."""

from collections.abc import Iterator
from itertools import chain

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from analysts.incidents.display_safe import harmless
from analysts.incidents.timeline import MOST_OF_A_KIND, TimelineEntry
from analysts.models import Incident, PoliceHold, Route, Step
from countries.languages import country_in_words


def routed(route: Route) -> TimelineEntry:
    steps = [str(Step(step).label) for step in route.steps]
    other = [harmless(route.reason)] if route.reason else []
    return TimelineEntry(
        at=route.at, by=route.by, what=_("route confirmed"), details=[country_in_words(route.country), *steps, *other]
    )


def asked_police(hold: PoliceHold) -> Iterator[TimelineEntry]:
    police = harmless(hold.police.name)
    yield TimelineEntry(at=hold.at, by=hold.by, what=_("police asked for clearance"), details=[police])
    if hold.recorded_at and hold.recorded_by and hold.answered_on:
        on = _("on %(date)s") % {"date": date_format(hold.answered_on, "j M Y")}
        details = [hold.get_answer_display(), on, harmless(hold.reference)]
        yield TimelineEntry(at=hold.recorded_at, by=hold.recorded_by, what=_("answer of the police"), details=details)


def timeline_entries(incident: Incident) -> Iterator[TimelineEntry]:
    """Of one moment what follows first."""
    holds = incident.police_holds.select_related("by", "recorded_by", "police").order_by("-at")[:MOST_OF_A_KIND]
    yield from chain.from_iterable(map(asked_police, holds))
    yield from map(routed, incident.routes.select_related("by").order_by("-at")[:MOST_OF_A_KIND])
