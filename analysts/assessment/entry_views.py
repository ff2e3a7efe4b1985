"""The page on which analysts enter an address, and what the page of its incident shows of that."""

from collections.abc import Iterator, Mapping
from typing import cast

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from analysts.accounts.staff_request import StaffRequest
from analysts.assessment.actions.entering import enter_address
from analysts.assessment.forms import LONGEST_NOTE
from analysts.assessment.permissions import check_can_enter
from analysts.codes import EntryOrigin
from analysts.incidents.timeline import MOST_OF_A_KIND, TimelineEntry
from analysts.models import EnteredAddress, Incident, User
from audit.permissions import Denied
from countries.models import Portal
from countries.staff.requests.staff_pages import staff_page
from reports.addresses import Address, find_addresses, without_accounts

LONGEST_ADDRESS = 4_000
# The value of the field `seen_by` for the hotline as a whole.
ALL_ANALYSTS = "hotline"


class EnterAddress(forms.Form):
    """`cleaned_data` is the keywords of the verb."""

    use_required_attribute = False

    address = forms.CharField(
        label=gettext_lazy("Web address"),
        max_length=LONGEST_ADDRESS,
        help_text=gettext_lazy(
            "One address, as it was given to you. It is sealed like a reported address and never opened."
        ),
        widget=forms.Textarea(attrs={"rows": 2, "autocomplete": "off", "spellcheck": "false", "dir": "ltr"}),
    )
    origin = forms.TypedChoiceField(
        label=gettext_lazy("How it was received"),
        choices=[("", "–"), *(choice for choice in EntryOrigin.choices if choice[0] != EntryOrigin.IMPORTED)],
        coerce=EntryOrigin,
    )
    seen_by = forms.ChoiceField(
        label=gettext_lazy("Portal"),
        help_text=gettext_lazy("Analysts of this portal see it. “Hotline”: analysts of all portals."),
    )
    in_danger = forms.BooleanField(label=gettext_lazy("A child may be in danger now"), required=False)
    note = forms.CharField(
        label=gettext_lazy("Internal note (optional)"),
        max_length=LONGEST_NOTE,
        required=False,
        help_text=gettext_lazy("Such as the file number of the police. Never the name of a person who reported it."),
        widget=forms.Textarea(attrs={"rows": 3, "autocomplete": "off", "dir": "auto"}),
    )

    def __init__(self, data: Mapping[str, object] | None = None, *, by: User) -> None:
        super().__init__(data)
        self.portals = {str(portal.pk): portal for portal in by.visible_portals()}
        portal_choices = [(value, portal.name) for value, portal in self.portals.items()]
        choices = [("", "–"), *portal_choices, (ALL_ANALYSTS, _("Hotline"))]
        cast(forms.ChoiceField, self.fields["seen_by"]).choices = choices

    def clean_address(self) -> Address:
        match find_addresses(without_accounts(self.cleaned_data["address"])):
            case [address]:
                return address
            case []:
                raise forms.ValidationError(_("This contains no web address."))
            case _:
                raise forms.ValidationError(_("Enter one address at a time."))

    def clean(self) -> dict[str, object]:
        chosen: str | None = self.cleaned_data.pop("seen_by", None)
        portal: Portal | None = self.portals.get(chosen or "")
        return {**self.cleaned_data, "portal": portal}


@require_http_methods(["GET", "HEAD", "POST"])
def enter_page(request: StaffRequest) -> HttpResponse:
    check_can_enter(request.user, None)
    form = EnterAddress(request.POST if request.method == "POST" else None, by=request.user)
    status = 200
    if form.is_bound:
        status = 422
        if form.is_valid():
            try:
                incident = enter_address(by=request.user, **form.cleaned_data)
            except Denied as denied:
                form.add_error(None, str(denied.reason))
                status = 403
            else:
                messages.success(request, _("Address entered."))
                return redirect("admin:incident", incident.pk)
    context = {"title": _("Enter an address"), "form": form}
    return staff_page(request, "analysts/assessment/enter.html", context, status=status)


def entries_of(incident: Incident, user: User) -> list[EnteredAddress]:
    """The latest entries that the user may see, the newest first."""
    entries = EnteredAddress.objects.visible_to(user).filter(incident=incident).select_related("by", "portal")
    return list(entries.order_by("-entered_hour", "pk")[:MOST_OF_A_KIND])


def entry_entries(incident: Incident, user: User) -> Iterator[TimelineEntry]:
    for entry in entries_of(incident, user):
        details = [entry.get_origin_display(), entry.portal.name if entry.portal else _("Hotline")]
        yield TimelineEntry(at=entry.entered_hour, by=entry.by, title=_("address entered"), details=details)
