"""The form of the list of all incidents: the rooms' filters, portal, dates and order, in the query string."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, cast

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import TextChoices
from django.utils.functional import Promise
from django.utils.http import urlencode
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from analysts.accounts.time_zones import zone_of
from analysts.assessment import list_section as assessment
from analysts.incidents import list_section as incidents
from analysts.incidents.facet_parts import FacetChoice, FacetSearch
from analysts.incidents.list_kit import Choices, ListFilter, ListReader
from analysts.models import Recipient, User
from analysts.takedown.next_steps import list_section as next_steps
from analysts.takedown.recipients import list_section as recipients
from analysts.takedown.tracing import list_section as tracing
from countries.models import Portal

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

# In the order of the form.
FILTERS: tuple[ListFilter, ...] = (
    *incidents.FILTERS,
    *assessment.FILTERS,
    *tracing.FILTERS,
    *recipients.FILTERS,
    *next_steps.FILTERS,
)
# The id of the list of suggested names of providers and recipients on the page.
SUGGESTED = "known-recipients"
LONGEST_NAME = Recipient._meta.get_field("name").max_length


class ListSort(TextChoices):
    RECEIVED = "", _("received, newest first")
    OLDEST = "oldest", _("received, oldest first")
    PRIORITY = "priority", _("priority")
    REVIEW = "review", _("date of review")


@dataclass(frozen=True, slots=True)
class ListRequest:
    """The list asked for. `chosen`: the filters with a value, as they are in the query string."""

    search: FacetSearch
    sort: ListSort
    chosen: Mapping[str, str]

    @property
    def query(self) -> str:
        """The query string of this filter and order: the same for the same request."""
        return urlencode(self.chosen)


class TypedName(forms.CharField):
    """The name of a recipient; its cleaned value is a FacetChoice, or None."""

    def __init__(self, row: ListFilter) -> None:
        self.row = row
        attrs = {"autocomplete": "off", "list": SUGGESTED, "dir": "auto"}
        super().__init__(
            label=str(row.label), required=False, max_length=LONGEST_NAME, widget=forms.TextInput(attrs=attrs)
        )

    def clean(self, value: object) -> FacetChoice | None:
        name: str = super().clean(value)
        if not name or self.row.find_ids is None:
            return None
        incident_ids = tuple(self.row.find_ids(name))
        if not incident_ids:
            raise ValidationError(gettext("There is no recipient of this name."))
        return FacetChoice(self.row.facets("").name, incident_ids)


class IncidentListForm(forms.Form):
    """Sent by GET; all of its values are in the query string, so that a list can be sent to a colleague as a link."""

    use_required_attribute = False

    portal = forms.ChoiceField(label=_("Portal"), required=False)
    since = forms.DateField(
        label=_("Received from"), required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    until = forms.DateField(
        label=_("Received until"), required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    sort = forms.ChoiceField(label=_("Order"), choices=ListSort.choices, required=False)

    def __init__(self, data: Mapping[str, object], *, user: User, portals: Sequence[Portal]) -> None:
        """`portals`: those of the user, as `portals_with_languages` gives them. No other can be chosen."""
        super().__init__(data)
        self._user = user
        self._portals = {portal.slug: portal for portal in portals}
        languages = sorted({tag for portal in portals for tag in portal.languages})  # type: ignore[attr-defined] # annotated
        reader = ListReader(user, languages)
        self._offer("portal", _("all my portals"), [(slug, portal.name) for slug, portal in self._portals.items()])
        for row in FILTERS:
            if row.find_ids is not None:
                self.fields[row.name] = TypedName(row)
            else:
                self.fields[row.name] = forms.ChoiceField(label=str(row.label), required=False)
                self._offer(row.name, _("any"), row.choices(reader))
        self.order_fields(["state", "portal", "category", "verdict", "lane", "waits_for", "language", "country"])

    @property
    def suggested(self) -> list[str]:
        """The names that the field of recipients suggests. One query."""
        return [name for name, _kind in recipients.suggest_recipients()]

    def _offer(self, name: str, label: str | Promise, choices: Choices) -> None:
        field = cast(forms.ChoiceField, self.fields[name])
        field.choices = cast("list[tuple[str, StrOrPromise]]", [("", label), *choices])

    def clean(self) -> None:
        since, until = self.cleaned_data.get("since"), self.cleaned_data.get("until")
        if since and until and until < since:
            self.add_error("until", gettext("This day is before the first one."))

    def read_request(self) -> ListRequest | None:
        """The list asked for; None if a value is not valid, which the form then says."""
        if not self.is_valid():
            return None
        cleaned = self.cleaned_data
        choices = [
            value if isinstance(value, FacetChoice) else row.facets(value)
            for row in FILTERS
            if (value := cleaned.get(row.name))
        ]
        portal = self._portals.get(cleaned["portal"])
        search = FacetSearch(
            portals=(portal.pk,) if portal else tuple(self._user.portal_ids),
            choices=tuple(choices),
            since=self._start_of(cleaned["since"]),
            until=self._start_of(cleaned["until"], days=1),
        )
        chosen = {name: str(self.data[name]) for name in self.fields if self.data.get(name)}
        return ListRequest(search, ListSort(cleaned["sort"]), chosen)

    def _start_of(self, day: date | None, *, days: int = 0) -> datetime | None:
        """The beginning of the day, or of a later one, in the reader's time zone. None beyond the last day there is."""
        if day is None or day >= date.max - timedelta(days=2):
            return None
        return datetime.combine(day + timedelta(days=days), time(), tzinfo=zone_of(self._user))
