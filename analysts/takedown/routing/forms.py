"""What an analyst enters about where an incident goes."""

from collections.abc import Iterable
from datetime import date
from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from analysts.codes.recipient_kinds import kinds_that_are
from analysts.incidents.page_kit import ActionForm
from analysts.models import Channel, Clearance, PoliceHold, Recipient, RecipientKind, Referral, RouteStep
from analysts.takedown.routing.destinations import kinds_of_steps
from analysts.takedown.routing.rules import Proposal

# The list of names that fields for a recipient offer; its element on the page.
KNOWN_RECIPIENTS = "known-recipients"
# Whom the form of a route asks for.
ASKED = kinds_that_are(lambda kind: kind.question is not None)
LONGEST_REASON = Referral._meta.get_field("reason").max_length


def how_told(recipient: Recipient) -> Any:
    """In words: how a letter reaches it, or that none does yet."""
    if not recipient.is_usable:
        return _("not verified yet: nothing leaves to them before")
    match Channel(recipient.channel):
        case Channel.EMAIL:
            return _("by e-mail")
        case Channel.LINK:
            return _("through their web form, by one of us")
        case Channel.BY_HAND:
            return _("by hand")


def name_field(label: Any, *, offered: str = "", help_text: Any = "") -> forms.CharField:
    """For somebody who is found by name, or made where there is nobody of it."""
    attrs = {"autocomplete": "off", "dir": "auto"} | ({"list": offered} if offered else {})
    longest = Recipient._meta.get_field("name").max_length
    return forms.CharField(
        label=label, max_length=longest, required=False, help_text=help_text, widget=forms.TextInput(attrs=attrs)
    )


class RecipientChoice(forms.ChoiceField):
    """One of a few recipients; its value is the recipient."""

    def __init__(self, recipients: Iterable[Recipient], **kwargs: Any) -> None:
        self.by_id = {str(recipient.pk): recipient for recipient in recipients}
        choices = [(pk, f"{each.name} ({how_told(each)})") for pk, each in self.by_id.items()]
        super().__init__(choices=choices, required=False, **kwargs)

    def clean(self, value: Any) -> Recipient | str:
        return self.by_id.get(super().clean(value), "")


class ConfirmRoute(ActionForm):
    """The steps, and whom they tell: a field for each kind of recipient that an analyst chooses or names, by its code.

    `national`: the police forces and hotlines of the country, the first one first.
    """

    trace = forms.IntegerField(widget=forms.HiddenInput)
    steps = forms.MultipleChoiceField(
        label=_("Steps"),
        choices=RouteStep.choices,
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    reason = forms.CharField(
        label=_("Why other steps than proposed"),
        max_length=LONGEST_REASON,
        required=False,
        help_text=_("Only where you changed something. Never an address."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "dir": "auto"}),
    )

    def __init__(
        self, *args: Any, proposal: Proposal, national: dict[RecipientKind, list[Recipient]], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.proposal = proposal
        unknown = _("There is none of that country yet. Name it: somebody verifies it before anything leaves.")
        for kind in ASKED:
            question = kind.row.question
            if not kind.row.is_national:
                self.fields[kind.value] = name_field(question, offered=KNOWN_RECIPIENTS)
            elif national[kind]:
                self.fields[kind.value] = RecipientChoice(national[kind], label=question)
            else:
                self.fields[kind.value] = name_field(question, help_text=unknown)

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        steps = [RouteStep(step) for step in cleaned.get("steps", [])]
        if not steps:
            self.add_error(
                "steps", _("Choose at least one step. If nothing can be done, close the incident and say so.")
            )
        elif set(steps) != set(self.proposal.steps) and not cleaned.get("reason"):
            self.add_error("reason", _("Say why other steps than those proposed are taken."))
        recipients = {kind: cleaned.pop(kind.value, "") for kind in ASKED}
        for kind in kinds_of_steps(steps):
            if kind in ASKED and not recipients[kind]:
                self.add_error(kind.value, _("Say who."))
        return {**cleaned, "steps": steps, "recipients": recipients}


class TellOneMore(ActionForm):
    kind = forms.TypedChoiceField(label=_("Whom"), choices=[("", "–"), *RecipientKind.choices], coerce=RecipientKind)
    name = forms.CharField(
        label=_("Name"),
        max_length=Recipient._meta.get_field("name").max_length,
        help_text=_("Their name, never the reported address. Somebody verifies who is new before anything leaves."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "dir": "auto", "list": KNOWN_RECIPIENTS}),
    )
    reason = forms.CharField(
        label=_("Why"),
        max_length=LONGEST_REASON,
        help_text=_("Such as: the host does not answer. Never an address."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "dir": "auto"}),
    )


class AskPolice(ActionForm):
    """Which police force is asked, of those of the country."""

    def __init__(self, *args: Any, police: list[Recipient], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        label = RecipientKind.POLICE.row.question
        self.fields["police"] = RecipientChoice(police, label=label) if police else name_field(label)

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if "police" in cleaned and not cleaned["police"]:
            self.add_error("police", _("Say who."))
        return cleaned


class RecordClearance(ActionForm):
    answer = forms.ChoiceField(label=_("Their answer"), choices=[("", "–"), *Clearance.choices])
    answered_on = forms.DateField(
        label=_("Date of their answer"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    reference = forms.CharField(
        label=_("Their reference"),
        max_length=PoliceHold._meta.get_field("reference").max_length,
        help_text=_("The number on their letter, or who said it on the telephone. Never an address."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "dir": "auto"}),
    )

    def __init__(self, *args: Any, asked_on: date, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.asked_on, self.today = asked_on, today
        cast(forms.DateField, self.fields["answered_on"]).widget.attrs |= {"min": str(asked_on), "max": str(today)}

    def clean_answered_on(self) -> date:
        on: date = self.cleaned_data["answered_on"]
        if on > self.today:
            raise forms.ValidationError(_("This day lies in the future."))
        if on < self.asked_on:
            raise forms.ValidationError(_("This was before they were asked."))
        return on
