"""Filters of the list of all incidents by what an incident itself has: state, category, language."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from analysts.codes import Severity
from analysts.incidents.facet_parts import FacetChoice
from analysts.incidents.list_kit import Choices, ListFilter, ListReader, facet_choice
from analysts.states import State
from countries.languages import language_name


class ListedState(TextChoices):
    """States of an incident as the list knows them: a claim changes none of its values."""

    WAITING = State.WAITING.value, _("waiting or in review")
    ASSESSED = State.ASSESSED.value, State.ASSESSED.label
    ACTING = State.ACTING.value, State.ACTING.label
    CLOSED = State.CLOSED.value, State.CLOSED.label


# Every incident has a state.
ANY_STATE = FacetChoice("state", tuple(ListedState.values))
# Incidents with a next step, and so with a date of review.
OPEN_ILLEGAL = FacetChoice("state", (ListedState.ASSESSED.value, ListedState.ACTING.value))


def language_choices(reader: ListReader) -> Choices:
    """The languages of the reader's portals, by name."""
    return sorted(((tag, language_name(tag)) for tag in reader.languages), key=lambda choice: choice[1])


FILTERS = (
    ListFilter(
        name="state", label=_("State"), choices=lambda reader: ListedState.choices, facets=facet_choice("state")
    ),
    ListFilter(
        name="category", label=_("Category"), choices=lambda reader: Severity.choices, facets=facet_choice("severity")
    ),
    # At the portal of the report: a filter must not reveal what other portals received.
    ListFilter(name="language", label=_("Language"), choices=language_choices, facets=facet_choice("language")),
)
