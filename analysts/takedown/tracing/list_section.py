"""The list of all incidents by the agreed hosting: country and provider."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from analysts.incidents.list_kit import ListCell, ListColumn, ListFilter, facet_choice
from analysts.models import Chase, Incident, User
from analysts.states import State
from analysts.takedown.recipients.list_section import find_recipients
from countries.languages import country_in_words, country_names


def read_hosting(incidents: Sequence[Incident], user: User, now: datetime) -> Mapping[UUID, ListCell]:
    """Country and provider of the latest takedown."""
    decided = [row.pk for row in incidents if row.round > 1 or row.state not in (State.WAITING, State.CLAIMED)]
    chases = Chase.objects.filter(incident__in=decided, trace__gt=0).order_by("since")
    return {
        incident_id: ListCell(country_in_words(country), provider or "")
        for incident_id, country, provider in chases.values_list("incident_id", "country", "provider__name")
    }


FILTERS = (
    ListFilter(
        name="country",
        label=_("Hosting country"),
        choices=lambda reader: country_names(get_language() or "en"),
        facets=facet_choice("country"),
    ),
    ListFilter(
        name="provider",
        label=_("Provider"),
        choices=lambda reader: (),
        facets=facet_choice("provider"),
        find_ids=find_recipients,
    ),
)
COLUMNS = (ListColumn(heading=_("Hosting"), read=read_hosting),)
