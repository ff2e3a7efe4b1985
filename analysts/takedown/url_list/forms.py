"""What is entered about the URL list: why something comes off it, and whose system may fetch it."""

import uuid
from datetime import date, timedelta
from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from analysts.incidents.page_kit import ActionForm
from analysts.models import FeedScope, MemberKey, User
from analysts.takedown.url_list.entries import OffReason
from analysts.takedown.url_list.permissions import check_gives_addresses
from audit.permissions import why_not
from reports.addresses import find_addresses

LONGEST_MEMBER = MemberKey._meta.get_field("member").max_length


class TakeOff(ActionForm):
    reason = forms.ChoiceField(label=_("Why it comes off"), choices=[("", "–"), *OffReason.choices])


def in_a_year() -> date:
    return timezone.now().date() + timedelta(days=365)


class MakeKey(forms.Form):
    """`cleaned_data` are the keywords of `members.make_key`. Offers what `by` may give."""

    use_required_attribute = False

    # Of the key that this form makes, so that the page that shows it can be loaded again and makes no other.
    key_id = forms.UUIDField(required=False, initial=uuid.uuid4, widget=forms.HiddenInput)
    member = forms.CharField(
        label=_("Member"),
        max_length=LONGEST_MEMBER,
        help_text=_("The organisation, and which of its systems, if it has several."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "dir": "auto"}),
    )
    scope = forms.ChoiceField(
        label=_("What the key opens"),
        initial=FeedScope.HASHES,
        help_text=_("Hashes are enough for who compares; addresses are for who must block them as such."),
    )
    expires_on = forms.DateField(
        label=_("Valid until"),
        initial=in_a_year,
        help_text=_("A year at most. Then the member asks for another one."),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )

    def __init__(self, data: Any = None, *, by: User) -> None:
        super().__init__(data)
        scope = cast(forms.ChoiceField, self.fields["scope"])
        not_addresses = why_not(check_gives_addresses, by)
        scope.choices = [each for each in FeedScope.choices if each[0] == FeedScope.HASHES or not not_addresses]
        if not_addresses:
            scope.help_text = not_addresses
            scope.error_messages["invalid_choice"] = not_addresses

    def clean_member(self) -> str:
        member: str = self.cleaned_data["member"]
        if any("/" in found.reported for found in find_addresses(member)):
            raise ValidationError(_("This is an address. Write the name of the member."))
        return member
