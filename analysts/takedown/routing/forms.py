"""Forms for routing an incident and for police clearance."""

from collections.abc import Iterable
from datetime import date
from typing import TYPE_CHECKING, Any, cast

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils.translation import gettext_lazy as _

from analysts.codes.recipient_kinds import REFERRED, kinds_that_are
from analysts.incidents.page_kit import ActionForm
from analysts.models import Channel, Clearance, PoliceHold, Recipient, RecipientKind, Referral, RouteStep
from analysts.takedown.alerts.forms import AddresseeRowField, RecipientWithdrawal
from analysts.takedown.routing.destinations import kinds_of_steps
from analysts.takedown.routing.permissions import open_referrals
from analysts.takedown.routing.rules import Proposal

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

# The id of the `datalist` that offers names in fields for a recipient.
KNOWN_RECIPIENTS = "known-recipients"
# The types of recipient that the route form asks for.
ASKED = kinds_that_are(lambda kind: kind.question is not None)
LONGEST_REASON = Referral._meta.get_field("reason").max_length


def contact_method_label(recipient: Recipient) -> "StrOrPromise":
    """Describe how notices reach the recipient, or that it is not verified."""
    if not recipient.is_usable:
        if recipient.has_changed_since_verified:
            return _("not verified since it changed, so nothing is sent")
        return _("not verified yet, so nothing is sent")
    match Channel(recipient.channel):
        case Channel.EMAIL | Channel.XARF:
            return _("by e-mail")
        case Channel.LINK:
            return _("through their web form, by a staff member")
        case Channel.BY_HAND:
            return _("by hand")


def name_field(label: "StrOrPromise | None", *, offered: str = "", help_text: "StrOrPromise" = "") -> forms.CharField:
    """Field for the name of a recipient, which is created if it does not exist."""
    attrs = {"autocomplete": "off", "dir": "auto"} | ({"list": offered} if offered else {})
    longest = Recipient._meta.get_field("name").max_length
    return forms.CharField(
        label=label, max_length=longest, required=False, help_text=help_text, widget=forms.TextInput(attrs=attrs)
    )


class RecipientChoice(forms.ChoiceField):
    """Choice among recipients. The cleaned value is the recipient, or empty text."""

    def __init__(self, recipients: Iterable[Recipient], *, label: "StrOrPromise | None") -> None:
        self.by_id = {str(recipient.pk): recipient for recipient in recipients}
        choices = [
            (pk, f"{recipient.name} ({contact_method_label(recipient)})") for pk, recipient in self.by_id.items()
        ]
        super().__init__(choices=choices, required=False, label=label)

    def clean(self, value: object) -> Recipient | str:
        return self.by_id.get(super().clean(value), "")


class ConfirmRoute(ActionForm):
    """The steps of a route, with one field, named by its code, for each type of recipient that analysts choose.

    `national`: the police forces and hotlines of the country by type, the preferred one first.
    """

    trace = forms.IntegerField(widget=forms.HiddenInput)
    steps = forms.MultipleChoiceField(
        label=_("Steps"),
        choices=RouteStep.choices,
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    reason = forms.CharField(
        label=_("Reason for changing the proposed steps"),
        max_length=LONGEST_REASON,
        required=False,
        help_text=_("Only needed if you change the steps. Do not include an address."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "dir": "auto"}),
    )

    def __init__(
        self, *args: Any, proposal: Proposal, national: dict[RecipientKind, list[Recipient]], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.proposal = proposal
        unknown = _("This country has none yet. Enter a name; it has to be verified before anything is sent.")
        for kind in ASKED:
            question = kind.row.question
            if not kind.row.is_national:
                self.fields[kind.value] = name_field(question, offered=KNOWN_RECIPIENTS)
            elif national[kind]:
                self.fields[kind.value] = RecipientChoice(national[kind], label=question)
            else:
                self.fields[kind.value] = name_field(question, help_text=unknown)

    def clean(self) -> dict[str, object]:
        cleaned = super().clean() or self.cleaned_data
        steps = [RouteStep(step) for step in cleaned.get("steps", [])]
        if not steps:
            self.add_error(
                "steps", _("Choose at least one step. If nothing can be done, close the incident with a reason.")
            )
        elif set(steps) != set(self.proposal.steps) and not cleaned.get("reason"):
            self.add_error("reason", _("Give a reason for choosing steps other than those proposed."))
        recipients = {kind: cleaned.pop(kind.value, "") for kind in ASKED}
        for kind in kinds_of_steps(steps):
            if kind in ASKED and not recipients[kind]:
                self.add_error(kind.value, _("Name the recipient."))
        return {**cleaned, "steps": steps, "recipients": recipients}


class AddRecipient(ActionForm):
    kind = forms.TypedChoiceField(
        label=_("Type of recipient"),
        choices=[("", "–"), *((kind.value, kind.label) for kind in REFERRED)],
        coerce=RecipientKind,
    )
    name = forms.CharField(
        label=_("Name"),
        max_length=Recipient._meta.get_field("name").max_length,
        help_text=_("Never the reported address. A new recipient has to be verified before anything is sent to it."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "dir": "auto", "list": KNOWN_RECIPIENTS}),
    )
    reason = forms.CharField(
        label=_("Reason"),
        max_length=LONGEST_REASON,
        help_text=_("For example: the host does not reply. Do not include an address."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "dir": "auto"}),
    )


class WithdrawReferral(RecipientWithdrawal):
    subject, rows = "referral", open_referrals

    referral = AddresseeRowField(
        label=_("Referral to withdraw"),
        queryset=Referral.objects.none(),
        empty_label=None,
        help_text=_("Nothing more is sent to this recipient. If a letter has left, a correction follows."),
    )


class AskPolice(ActionForm):
    """Choice of the police force to ask for clearance."""

    def __init__(self, *args: Any, police: list[Recipient], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        label = RecipientKind.POLICE.row.question
        self.fields["police"] = RecipientChoice(police, label=label) if police else name_field(label)

    def clean(self) -> dict[str, object]:
        cleaned = super().clean() or self.cleaned_data
        if "police" in cleaned and not cleaned["police"]:
            self.add_error("police", _("Name the recipient."))
        return cleaned


class RecordClearance(ActionForm):
    answer = forms.ChoiceField(label=_("Police decision"), choices=[("", "–"), *Clearance.choices])
    reference = forms.CharField(
        label=_("Police reference"),
        max_length=PoliceHold._meta.get_field("reference").max_length,
        required=False,
        help_text=_("The number of their file or letter, never a person’s name. Do not include an address."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "dir": "auto"}),
    )
    called_back = forms.BooleanField(required=False, help_text=_("Needed for a grant: until then it is a claim."))
    # Last: most decisions are recorded on the day of the call, and Enter is then the next key.
    answered_on = forms.DateField(
        label=_("Date of the police decision"),
        required=False,
        help_text=_("Leave empty for today."),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )

    def __init__(self, *args: Any, asked_on: date, today: date, phone: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today
        self.fields["called_back"].label = (
            _("I called them back on %(phone)s, their verified number, and they confirmed it.") % {"phone": phone}
            if phone
            else _("I called them back (not possible: no telephone number of theirs is verified).")
        )
        field = cast(forms.DateField, self.fields["answered_on"])
        field.widget.attrs |= {"min": str(asked_on), "max": str(today)}
        field.validators += [
            MaxValueValidator(today, _("This date is in the future.")),
            MinValueValidator(asked_on, _("This date is before the clearance request.")),
        ]

    def clean_answered_on(self) -> date:
        return self.cleaned_data["answered_on"] or self.today

    def clean(self) -> dict[str, object]:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("answer") == Clearance.GRANTED and not cleaned.get("called_back"):
            self.add_error("called_back", _("Call them back first: until they confirm it, a grant is a claim."))
        if cleaned.get("answer") in (Clearance.GRANTED, Clearance.REFUSED) and cleaned.get("reference") == "":
            self.add_error("reference", _("A decision needs a date and a reference."))
        return cleaned
