"""Forms for the URL list: taking an entry off, and creating a member key."""

import uuid
from collections.abc import Mapping
from datetime import date, timedelta
from typing import cast

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
    reason = forms.ChoiceField(label=_("Reason"), choices=[("", "–"), *OffReason.choices])


def in_a_year() -> date:
    return timezone.now().date() + timedelta(days=365)


class MakeKey(forms.Form):
    """`cleaned_data` holds keyword arguments of `members.make_key`. Offers the scopes that `by` may grant."""

    use_required_attribute = False

    # The id of the new key, so that reloading the page that shows it does not create another one.
    key_id = forms.UUIDField(required=False, initial=uuid.uuid4, widget=forms.HiddenInput)
    member = forms.CharField(
        label=_("Member"),
        max_length=LONGEST_MEMBER,
        help_text=_("The organisation, and which of its systems, if it has several."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "dir": "auto"}),
    )
    scope = forms.ChoiceField(
        label=_("Scope"),
        initial=FeedScope.HASHES,
        help_text=_(
            "Hashes suit members who compare hashes. Addresses suit members who have to block the addresses themselves."
        ),
    )
    expires_on = forms.DateField(
        label=_("Valid until"),
        initial=in_a_year,
        help_text=_("At most one year. After that the member needs a new key."),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )

    def __init__(self, data: Mapping[str, object] | None = None, *, by: User) -> None:
        super().__init__(data)
        scope = cast(forms.ChoiceField, self.fields["scope"])
        not_addresses = why_not(check_gives_addresses, by)
        scope.choices = [choice for choice in FeedScope.choices if choice[0] == FeedScope.HASHES or not not_addresses]
        if not_addresses:
            scope.help_text = not_addresses
            scope.error_messages["invalid_choice"] = not_addresses

    def clean_member(self) -> str:
        member: str = self.cleaned_data["member"]
        if any("/" in address.reported for address in find_addresses(member)):
            raise ValidationError(_("This is an address. Enter the name of the member."))
        return member
