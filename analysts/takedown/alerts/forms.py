"""The form by which an analyst records a call at once: five keys from its shortcut on."""

from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from analysts.incidents.display.display_safe import defang_text
from analysts.incidents.page_kit import ActionForm
from analysts.models import AlertReason
from analysts.takedown.alerts.permissions import contacts_to_alert
from analysts.takedown.notices.case_facts.facts import case_words
from countries.models import Contact


class ContactField(forms.ModelChoiceField):  # type: ignore[type-arg] # not generic at run time
    """The contacts to call, each with what to say in the main language of its portal."""

    def label_from_instance(self, contact: Contact) -> str:
        script = case_words(contact.portal.default_language)["call_script"]
        return f"{contact.get_kind_display()}: {defang_text(contact.name)}, {contact.phone}. “{script}”"


class TellPoliceNow(ActionForm):
    """The choice and the affirmation come first: the reason has its usual answer."""

    to = ContactField(
        label=_("Whom did you call?"),
        queryset=Contact.objects.none(),
        widget=forms.RadioSelect,
        empty_label=None,
        help_text=_("Say first that it is not assessed, anonymous and unverified. Never read out the report’s words."),
        error_messages={"required": _("Choose a contact.")},
    )
    not_the_danger = forms.BooleanField(
        label=_("I have read the report: it does not name this contact, or anybody there, as the danger."),
        error_messages={"required": _("Affirm this, or choose another contact.")},
    )
    reason = forms.TypedChoiceField(
        label=_("Why can it not wait?"), choices=AlertReason.choices, coerce=AlertReason, initial=AlertReason.NOW
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.incident is not None:
            cast(ContactField, self.fields["to"]).queryset = contacts_to_alert(self.incident)
