"""Forms for the queue filters, hand-over, internal notes and messages to reporters."""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any, TypedDict, cast

from django import forms
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, QuerySet, TextChoices
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from analysts.accounts.permissions import CONTENT_ROLES
from analysts.assessment.standard_replies import Texts
from analysts.codes import Canned, ReviewStage, Role
from analysts.incidents.page_kit import ActionForm, ClaimActionForm
from analysts.models import DESK_ORDER, HOTLINE, Assessment, Incident, IncidentKind, User, WaitingFor, desk_choices
from countries.languages import language_name
from countries.models import Portal, PortalText
from reports.addresses import AddressKind

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

LONGEST_QUESTION = 2_000
LONGEST_NOTE = 5_000


class View(TextChoices):
    """The views of the queue."""

    WAITING = "", _("waiting")
    DANGER = "danger", _("child in danger, waiting")
    CLAIMED = "claimed", _("in review")
    ACTING = "acting", _("illegal and not yet closed")
    ALIKE = "alike", _("similar reports")


class Age(TextChoices):
    """The minimum time that an incident has been waiting."""

    HOUR = "1", _("an hour")
    DAY = "24", _("a day")
    THREE_DAYS = "72", _("three days")
    WEEK = "168", _("a week")

    @property
    def duration(self) -> timedelta:
        return timedelta(hours=int(self))


# Ranges of priorities, as the dashboard counts them, and lowest priorities.
HIGH, OTHER = "5-9", "1-4"
PRIORITY_BANDS = ((HIGH, _("high: 5 to 9")), (OTHER, _("other: 1 to 4")))
PRIORITIES = [(str(number), format_lazy(_("at least {number}"), number=number)) for number in range(10, 0, -1)]


def _with_any(label: "StrOrPromise", choices: "Iterable[tuple[str, StrOrPromise]]") -> "list[tuple[str, StrOrPromise]]":
    return [("", label), *choices]


def portals_with_languages(user: User) -> list[Portal]:
    """The user's portals in the order of their names, each with the tags of its `languages`."""
    languages = PortalText.objects.filter(portal=OuterRef("pk")).order_by().values("language")
    return list(user.visible_portals().only("slug", "name").annotate(languages=ArraySubquery(languages)))


class ChosenFilters(TypedDict, total=False):
    """The valid filters of the queue by name, without empty ones."""

    view: str
    portal: Portal
    language: str
    priority: str
    age: str
    kind: str
    waits_for: str
    like: uuid.UUID


class QueueFilter(forms.Form):
    """The queue's filters, sent by GET. Invalid values are ignored."""

    use_required_attribute = False

    view = forms.ChoiceField(label=_("Show"), choices=View.choices, required=False)
    portal = forms.TypedChoiceField(
        label=_("Portal"),
        empty_value=None,
        required=False,
        # As the field of Django that asks for a row.
        error_messages={"invalid_choice": forms.ModelChoiceField.default_error_messages["invalid_choice"]},
    )
    language = forms.ChoiceField(label=_("Language"), required=False)
    priority = forms.ChoiceField(
        label=_("Priority"),
        choices=_with_any(_("any"), [*PRIORITY_BANDS, *PRIORITIES]),
        required=False,
    )
    age = forms.ChoiceField(
        label=_("Waiting longer than"), choices=_with_any(_("any time"), Age.choices), required=False
    )
    kind = forms.ChoiceField(
        label=_("Kind"),
        choices=_with_any(_("any"), [*AddressKind.choices, (IncidentKind.WORDS.value, IncidentKind.WORDS.label)]),
        required=False,
    )
    # Open illegal incidents by what their next step waits for.
    waits_for = forms.ChoiceField(
        label=_("Next step waits for"), choices=_with_any(_("any"), WaitingFor.choices), required=False
    )
    # An incident of a flood: only the incidents of that flood are shown.
    like = forms.UUIDField(widget=forms.HiddenInput, required=False)

    def __init__(self, data: Mapping[str, object] | None = None, *, portals: Sequence[Portal]) -> None:
        """`portals`: those of the user, as `portals_with_languages` gives them. No other can be chosen."""
        super().__init__(data)
        by_slug = {portal.slug: portal for portal in portals}
        languages = sorted({tag for portal in portals for tag in portal.languages})  # type: ignore[attr-defined] # annotated
        portal_field = cast(forms.TypedChoiceField, self.fields["portal"])
        portal_field.coerce = by_slug.__getitem__
        portal_field.choices = _with_any(_("all my portals"), [(slug, portal.name) for slug, portal in by_slug.items()])
        cast(forms.ChoiceField, self.fields["language"]).choices = _with_any(
            _("any"), [(tag, language_name(tag)) for tag in languages]
        )

    def chosen(self) -> ChosenFilters:
        """The valid filters by name, without empty ones."""
        self.is_valid()
        # The cleaned values have the types that the fields return.
        chosen = cast(ChosenFilters, {name: value for name, value in self.cleaned_data.items() if value})
        if "waits_for" in chosen:
            # Only open illegal incidents have a next step. The form shows the view that is listed.
            chosen["view"] = View.ACTING.value
            self.data = {name: self.data.get(name) for name in self.data} | {"view": View.ACTING.value}
        return chosen


class HandOver(ClaimActionForm):
    to = forms.ModelChoiceField(label=_("Colleague"), queryset=User.objects.none())
    note = forms.CharField(
        label=_("Internal note for the colleague"),
        max_length=LONGEST_NOTE,
        required=False,
        help_text=_("Only staff can see it."),
        widget=forms.Textarea(attrs={"rows": 2, "autocomplete": "off", "dir": "auto"}),
    )

    def __init__(self, *args: Any, incident: Incident, user: User, **kwargs: Any) -> None:
        super().__init__(*args, incident=incident, user=user, **kwargs)
        field = cast("forms.ModelChoiceField[User]", self.fields["to"])
        candidates = hand_over_candidates(incident, user)
        if self.is_bound:
            field.queryset = candidates
        else:
            # Only offered: what is sent is looked up.
            field.choices = _with_any(str(field.empty_label), desk_choices(candidates))


def hand_over_candidates(incident: Incident, by: User) -> QuerySet[User]:
    """Analysts who could take the incident over: they share with `by` a portal that sighted it, or all of them if staff
    entered it for the hotline.

    Excludes the authors of earlier reviews of the round. A disagreement is for seniors only.
    """
    roles = [Role.SENIOR] if incident.stage == ReviewStage.SENIOR else sorted(CONTENT_ROLES)
    candidates = User.objects.analysts().filter(role__in=roles).exclude(pk=by.pk)
    if HOTLINE not in incident.portals:
        shared = sorted(set(incident.portals) & set(by.portal_ids))
        candidates = candidates.filter(pk__in=User.objects.analysts_of(shared).values("pk"))
    if incident.stage != ReviewStage.FIRST:
        of_round = Assessment.objects.filter(incident=incident, round=incident.round)
        candidates = candidates.exclude(pk__in=of_round.order_by().values("by"))
    return candidates.order_by(*DESK_ORDER)


class Ask(ActionForm):
    question = forms.CharField(
        label=_("Message to the reporter"),
        max_length=LONGEST_QUESTION,
        help_text=format_lazy(
            "{} {}",
            _("Never ask who they are. They see the message when they look up their receipt."),
            _("Never write the reported address."),
        ),
        widget=forms.Textarea(attrs={"rows": 3, "autocomplete": "off", "dir": "auto"}),
    )


class TextSelect(forms.Select):
    """Select for a standard text; each option carries its text for the script that inserts it."""

    texts: Texts

    def create_option(self, name: str, value: object, *args: Any, **kwargs: Any) -> dict[str, Any]:
        option = super().create_option(name, value, *args, **kwargs)
        option["attrs"]["data-text"] = next((text.text for text in self.texts.texts if text.code == value), "")
        return option


class StandardReplyForm(forms.Form):
    """Selects a standard text to insert. `form_id`: the id of the message form that submits the choice."""

    use_required_attribute = False

    canned = forms.ChoiceField(label=_("Standard text"), choices=_with_any("–", Canned.choices), widget=TextSelect)

    def __init__(self, texts: Texts, *, form_id: str) -> None:
        super().__init__(auto_id=f"{form_id}_%s")
        select = cast(TextSelect, self.fields["canned"].widget)
        select.texts = texts
        select.attrs["form"] = form_id


class WriteNote(ActionForm):
    text = forms.CharField(
        label=_("Internal note"),
        max_length=LONGEST_NOTE,
        help_text=_("Visible to all staff who can open this incident, whichever portal they work for."),
        widget=forms.Textarea(attrs={"rows": 3, "autocomplete": "off", "dir": "auto"}),
    )
