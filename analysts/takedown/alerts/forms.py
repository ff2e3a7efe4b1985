"""The forms by which an analyst informs the police at once, five keys from the shortcut on, and takes an alert back."""

from collections.abc import Sequence
from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from analysts.codes.letter_topics import WithdrawReason
from analysts.incidents.display.display_safe import defang_text
from analysts.incidents.page_kit import ActionForm
from analysts.models import AlertReason, ChildAlert, Recipient
from analysts.takedown.alerts.permissions import alerts_to_withdraw, contacts_to_alert, recipients_to_alert
from analysts.takedown.notices.case_facts.facts import case_words
from countries.models import Contact


class AddresseeField(forms.ChoiceField):
    """The contacts to call, each with what to say in the main language of its portal, and the recipients to write to.

    The cleaned value is the contact or recipient.
    """

    by_id: dict[str, Contact | Recipient]

    def offer(self, contacts: Sequence[Contact], recipients: Sequence[Recipient]) -> None:
        self.by_id = {str(contact.pk): contact for contact in contacts}
        self.by_id |= {str(recipient.pk): recipient for recipient in recipients}
        groups = (
            (_("Called by telephone"), [(str(contact.pk), _contact_label(contact)) for contact in contacts]),
            (_("Write a letter now"), [(str(recipient.pk), _recipient_label(recipient)) for recipient in recipients]),
        )
        self.choices = [(label, choices) for label, choices in groups if choices]

    def clean(self, value: object) -> Contact | Recipient:
        return self.by_id[super().clean(value)]


def _contact_label(contact: Contact) -> str:
    script = case_words(contact.portal.default_language)["call_script"]
    return f"{contact.get_kind_display()}: {defang_text(contact.name)}, {contact.phone}. “{script}”"


def _recipient_label(recipient: Recipient) -> str:
    label = f"{recipient.get_kind_display()}: {defang_text(recipient.name)}"
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
        incident = self.incident
        if incident is not None:
            recipients = list(recipients_to_alert(incident)) if incident.sealed_address else []
            cast(AddresseeField, self.fields["to"]).offer(list(contacts_to_alert(incident)), recipients)


class AlertField(forms.ModelChoiceField):  # type: ignore[type-arg] # not generic at run time
    def label_from_instance(self, alert: ChildAlert) -> str:
        return f"{alert.get_kind_display()}: {defang_text(alert.name)}"


class WithdrawAlert(ActionForm):
    alert = AlertField(label=_("Alert to withdraw"), queryset=ChildAlert.objects.none(), empty_label=None)
    reason = forms.TypedChoiceField(
        label=_("Reason"),
        choices=[("", "–"), *WithdrawReason.choices],
        coerce=WithdrawReason,
        help_text=_("A letter that has left is corrected by a letter. After a call, call again."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.incident is not None:
            cast(AlertField, self.fields["alert"]).queryset = alerts_to_withdraw(self.incident)
