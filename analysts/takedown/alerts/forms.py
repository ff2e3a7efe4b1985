"""The forms by which an analyst informs the police at once, five keys from the shortcut on, and takes an alert back."""

from collections.abc import Callable, Collection
from typing import Any, ClassVar, cast

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from analysts.codes.letter_topics import WithdrawReason
from analysts.incidents.display.display_safe import defang_text
from analysts.incidents.page_kit import ActionForm
from analysts.models import AlertReason, ChildAlert, Incident, Recipient, Referral
from analysts.takedown.alerts.permissions import (
    NOTHING_TO_WRITE,
    alerts_to_withdraw,
    contacts_to_alert,
    recipients_to_alert,
)
from analysts.takedown.facts.redaction import needs_confirmation
from analysts.takedown.notices.case_facts.facts import case_words
from countries.models import Contact


class AddresseeField(forms.ChoiceField):
    """The contacts to call, each with what to say in the main language of its portal, and the recipients to write to.

    The cleaned value is the contact or recipient.
    """

    by_id: dict[str, Contact | Recipient]

    def offer(self, incident: Incident) -> None:
        contacts = list(contacts_to_alert(incident))
        recipients = list(recipients_to_alert(incident)) if incident.sealed_address else []
        self.by_id = {str(contact.pk): contact for contact in contacts}
        self.by_id |= {str(recipient.pk): recipient for recipient in recipients}
        is_redacted = not recipients or not needs_confirmation(incident)
        names = set(ChildAlert.objects.filter(incident=incident).values_list("name", flat=True))
        letter = _("Write a letter now") if is_redacted else _("Write a letter: confirm the redaction first")
        groups = (
            (_("Called by telephone"), [(str(contact.pk), _contact_label(contact, names)) for contact in contacts]),
            (letter, [(str(recipient.pk), _recipient_label(recipient, names)) for recipient in recipients]),
        )
        self.choices = [(label, choices) for label, choices in groups if choices]
        hints = [self.help_text]
        if not incident.sealed_address:
            hints.append(NOTHING_TO_WRITE)
        if not self.choices:
            hints.append(_("No number is verified for this country: tell a senior analyst and an operator at once."))
        self.help_text = " ".join(map(str, hints))

    def clean(self, value: object) -> Contact | Recipient:
        return self.by_id[super().clean(value)]


def _contact_label(contact: Contact, informed: Collection[str]) -> str:
    script = case_words(contact.portal.default_language)["call_script"]
    label = f"{contact.get_kind_display()}: {defang_text(contact.name)}, {contact.phone}. “{script}”"
    return _mark_informed(label, is_informed=contact.name in informed)


def _mark_informed(label: str, *, is_informed: bool) -> str:
    return _("%(name)s (informed before)") % {"name": label} if is_informed else label


def _recipient_label(recipient: Recipient, informed: Collection[str]) -> str:
    label = f"{recipient.get_kind_display()}: {defang_text(recipient.name)}"
    label = _mark_informed(label, is_informed=recipient.name in informed)
    return label if recipient.is_usable else _("%(name)s (not verified: the letter waits)") % {"name": label}


class TellPoliceNow(ActionForm):
    """The choice and the affirmation come first: the reason has its usual answer."""

    to = AddresseeField(
        label=_("Who did you call, or who is written to?"),
        widget=forms.RadioSelect,
        help_text=_("Say first that it is not assessed, anonymous and unverified. Never read out the report’s words."),
        error_messages={"required": _("Choose who is informed.")},
    )
    not_the_danger = forms.BooleanField(
        label=_("I have read the report: it does not name them, or a person there, as the danger."),
        error_messages={"required": _("Affirm this, or choose another one.")},
    )
    reason = forms.TypedChoiceField(
        label=_("Why can it not wait?"), choices=AlertReason.choices, coerce=AlertReason, initial=AlertReason.NOW
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.incident is not None:
            cast(AddresseeField, self.fields["to"]).offer(self.incident)


class AddresseeRowField(forms.ModelChoiceField):  # type: ignore[type-arg] # not generic at run time
    def label_from_instance(self, row: ChildAlert | Referral) -> str:
        if isinstance(row, Referral):
            return defang_text(row.recipient)
        return f"{row.get_kind_display()}: {defang_text(row.name)}"


class RecipientWithdrawal(ActionForm):
    """Takes back an alert or a referral of the incident, for a coded reason.

    A subclass has the field `subject`, which is the argument of its action, and the rows that can be withdrawn.
    """

    subject: ClassVar[str]
    rows: ClassVar[Callable[[Incident], QuerySet[Any]]]

    reason = forms.TypedChoiceField(
        label=_("Reason"), choices=[("", "–"), *WithdrawReason.choices], coerce=WithdrawReason
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.order_fields([self.subject, "reason"])
        if self.incident is not None:
            cast(AddresseeRowField, self.fields[self.subject]).queryset = type(self).rows(self.incident)


class WithdrawAlert(RecipientWithdrawal):
    subject, rows = "alert", alerts_to_withdraw

    alert = AddresseeRowField(
        label=_("Alert to withdraw"),
        queryset=ChildAlert.objects.none(),
        empty_label=None,
        help_text=_("A letter that has left is corrected by a letter. After a call, call again."),
    )
