"""The types that rooms offer to the list of all incidents: its filters and columns."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django import forms
from django.http import QueryDict
from django.urls import reverse
from django.utils.functional import Promise

from analysts.codes import Role
from analysts.incidents.facet_parts import FacetChoice
from analysts.models import Incident, User

type Choices = Sequence[tuple[str, str | Promise]]


@dataclass(frozen=True, slots=True)
class ListReader:
    """Who reads the list. `languages`: the tags of the languages of their portals."""

    user: User
    languages: Sequence[str]


def facet_choice(name: str) -> Callable[[str], FacetChoice]:
    """The filter by one value of `name`, which the form's field has checked."""
    return lambda value: FacetChoice(name, (value,))


@dataclass(frozen=True, slots=True, kw_only=True)
class ListFilter:
    """A filter: its name in the query string, and the values that a reader can choose.

    With `find_ids` its value is a name that is typed: the function gives the values that the name means, none if it is
    unknown, and the choices are only suggested.
    """

    name: str
    label: str | Promise
    choices: Callable[[ListReader], Choices]
    facets: Callable[[str], FacetChoice]
    find_ids: Callable[[str], Sequence[str]] | None = None


@dataclass(frozen=True, slots=True)
class ListCell:
    """A cell of a column. `note`: in a quiet colour after the text. `is_due`: it is marked as due."""

    text: str | Promise
    note: str | Promise = ""
    is_due: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ListColumn:
    """A column. `read`: its cells by incident; none for an incident without one."""

    heading: str | Promise
    read: Callable[[Sequence[Incident], User, datetime], Mapping[UUID, ListCell]]


@dataclass(frozen=True, slots=True, kw_only=True)
class ListLane:
    """A part of the list that the menu leads to: incidents with one value. `query`: its query string in the list."""

    name: str
    value: str
    label: str | Promise
    query: str
    # None: every reader of the list.
    roles: frozenset[Role] | None = None


# Query parameter of a list: with any value its filters are open, with this one the answer has nothing else.
FILTERS, ALONE = "filters", "alone"


def open_filters_url(route: str, query: str) -> str:
    """The list with this query, and its filters open."""
    values = QueryDict(query, mutable=True)
    values[FILTERS] = "open"
    return reverse(route, query=values)


def describe_filters(form: forms.Form) -> list[str]:
    """The filters of a form sent by GET that have a valid value, as "label: value"."""
    texts = []
    for field in form.visible_fields():
        if field.data and not field.errors:
            labels = dict(getattr(field.field, "choices", ()))
            texts.append(f"{field.label}: {labels.get(field.data, field.data)}")
    return texts
