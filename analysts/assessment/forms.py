"""What analysts enter about an incident, and how they narrow the queue down."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, cast

from django import forms
from django.db.models import QuerySet, TextChoices
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from analysts.accounts.permissions import CONTENT_ROLES
from analysts.assessment.standard_replies import Texts
from analysts.codes import Canned, ReviewStage, Role
from analysts.incidents.page_kit import ActionForm, ClaimActionForm
from analysts.models import Incident, IncidentKind, User
from countries.languages import language_name
from countries.models import Portal, PortalText
from reports.addresses import AddressKind

LONGEST_QUESTION = 2_000
LONGEST_NOTE = 5_000


class View(TextChoices):
    """Which incidents the queue shows."""

    WAITING = "", _("waiting")
    DANGER = "danger", _("child in danger, not yet assessed")
    CLAIMED = "claimed", _("being worked on")
    ACTING = "acting", _("illegal and not yet closed")
    ALIKE = "alike", _("many that are nearly alike")


class Age(TextChoices):
    """For how long an incident has been waiting, at least."""

    HOUR = "1", _("an hour")
    DAY = "24", _("a day")
    THREE_DAYS = "72", _("three days")
    WEEK = "168", _("a week")

    @property
    def duration(self) -> timedelta:
        return timedelta(hours=int(self))


def _with_any(label: Any, choices: Any) -> list[tuple[str, Any]]:
    return [("", label), *choices]


class QueueFilter(forms.Form):
    """The queue's filters, sent by GET. What cannot be understood narrows nothing down."""

    use_required_attribute = False

    view = forms.ChoiceField(label=_("Show"), choices=View.choices, required=False)
    portal = forms.ModelChoiceField(
        label=_("Portal"),
        queryset=Portal.objects.none(),
        to_field_name="slug",
        empty_label=_("all my portals"),
        required=False,
    )
    language = forms.ChoiceField(label=_("Language"), required=False)
    priority = forms.ChoiceField(
        label=_("Priority at least"),
        choices=_with_any(_("any"), [(str(number), str(number)) for number in range(10, 0, -1)]),
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
    # An incident of the flood whose incidents are to be shown, all of them and nothing else.
    like = forms.UUIDField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, portals: QuerySet[Portal], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast("forms.ModelChoiceField[Portal]", self.fields["portal"]).queryset = portals
        languages = (
            PortalText.objects.filter(portal__in=portals).order_by("language").values_list("language", flat=True)
        )
        cast(forms.ChoiceField, self.fields["language"]).choices = _with_any(
            _("any"), [(tag, language_name(tag)) for tag in languages.distinct()]
        )

    def chosen(self) -> dict[str, Any]:
        """The understood filters by name; those that narrow nothing down are left out."""
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value}


class HandOver(ClaimActionForm):
    to = forms.ModelChoiceField(label=_("Colleague"), queryset=User.objects.none())
    note = forms.CharField(
        label=_("Note for the colleague"),
        max_length=LONGEST_NOTE,
        required=False,
        help_text=_("Only staff see it."),
        widget=forms.Textarea(attrs={"rows": 2, "autocomplete": "off", "dir": "auto"}),
    )

    def __init__(self, *args: Any, incident: Incident, by: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast("forms.ModelChoiceField[User]", self.fields["to"]).queryset = hand_over_candidates(incident, by)


def make_hand_over_form(
    auto_id: str, incident: Incident, user: User, data: Mapping[str, Any] | None, begun: Mapping[str, Any]
) -> HandOver:
    return HandOver(data, auto_id=auto_id, initial={**begun, "fence": incident.fence}, incident=incident, by=user)


def hand_over_candidates(incident: Incident, by: User) -> QuerySet[User]:
    """Who could take the incident over: analysts of a portal that both work for and that sighted it.

    A look is not for those who had an earlier one; where two disagree, seniors alone.
    """
    sighted = incident.sightings.values("portal_id")
    shared = by.portals.filter(pk__in=sighted).values("pk")
    looked = incident.assessments.filter(round=incident.round).exclude(incident__look=ReviewStage.FIRST).values("by")
    roles = [Role.SENIOR] if incident.look == ReviewStage.SENIOR else CONTENT_ROLES
    return (
        User.objects.filter(is_active=True, role__in=roles, portals__in=shared)
        .exclude(pk=by.pk)
        .exclude(pk__in=looked)
        .distinct()
        .order_by("username")
    )


class Ask(ActionForm):
    question = forms.CharField(
        label=_("Message to the reporter"),
        max_length=LONGEST_QUESTION,
        help_text=format_lazy(
            "{} {}",
            _("Never ask who they are. They see it when they look their receipt up."),
            _("Never write the reported address."),
        ),
        widget=forms.Textarea(attrs={"rows": 3, "autocomplete": "off", "dir": "auto"}),
    )


class TextSelect(forms.Select):
    """The choice of a standard text; each option carries the text itself, for the script that fills it in."""

    texts: Texts

    def create_option(self, name: str, value: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        option = super().create_option(name, value, *args, **kwargs)
        option["attrs"]["data-text"] = next((each.text for each in self.texts.texts if each.code == value), "")
        return option


class StandardReplyForm(forms.Form):
    """Which standard text goes into the message. `form_id`: the form that it is sent with, which stands elsewhere."""

    use_required_attribute = False

    canned = forms.ChoiceField(label=_("Standard text"), choices=_with_any("–", Canned.choices), widget=TextSelect)

    def __init__(self, texts: Texts, *, form_id: str) -> None:
        super().__init__(auto_id=f"{form_id}_%s")
        select = cast(TextSelect, self.fields["canned"].widget)
        select.texts = texts
        select.attrs["form"] = form_id


class WriteNote(ActionForm):
    text = forms.CharField(
        label=_("Note for colleagues"),
        max_length=LONGEST_NOTE,
        help_text=_("Only staff see it: everybody who can open this incident, for whichever portal they work."),
        widget=forms.Textarea(attrs={"rows": 3, "autocomplete": "off", "dir": "auto"}),
    )
