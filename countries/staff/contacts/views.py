"""The page of contacts to check, with a button for each way of checking; and the view that these buttons call."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django import forms
from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from audit.permissions import Denied, why_not
from countries.languages import text_direction
from countries.models import CheckMethod, Contact, ContactCheck, Portal
from countries.staff.contacts.contact_checks import (
    check_can_record_check,
    check_can_see_contacts,
    check_contact,
    is_due,
    visible_contacts_due,
    with_last_check,
)
from countries.staff.contacts.verified_form import describe_lapse
from countries.staff.requests.staff_pages import OperatorRequest, format_day, staff_page

CONTACTS_PER_PAGE = 50


class CheckForm(forms.Form):
    """How a contact was checked. Three ways are buttons; the fourth has a field for its words."""

    use_required_attribute = False

    how = forms.ChoiceField(choices=CheckMethod.choices)
    words = forms.CharField(label=gettext_lazy("In another way"), max_length=200, required=False)

    def clean(self) -> dict[str, object]:
        cleaned = super().clean() or {}
        if cleaned.get("how") == CheckMethod.OTHER and not cleaned.get("words") and "words" not in self.errors:
            self.add_error("words", _("Say in which other way the contact was checked."))
        return cleaned


@dataclass(frozen=True, slots=True)
class ContactRow:
    contact: Contact
    kind: str
    name_direction: str
    is_due: bool
    verified_on: str
    # Why an earlier verification has ended; "" where it has not.
    lapse: str
    # The last check of what the contact says now, in words; "" without one.
    last_check: str
    why_not: str
    form: CheckForm


METHODS = tuple(method for method in CheckMethod if method is not CheckMethod.OTHER)


@require_safe
def contact_list(request: OperatorRequest) -> HttpResponse:
    """The contacts of visible portals that are due; with `?portal=` and an id, all contacts of that portal."""
    check_can_see_contacts(request.user)
    return _render_list(request, request.GET.get("portal", ""), {})


@require_POST
def contact_check(request: OperatorRequest, contact_id: int) -> HttpResponse:
    check_can_see_contacts(request.user)
    contact = get_object_or_404(Contact, pk=contact_id)
    portal = request.POST.get("portal", "")
    form = _check_form(contact_id, request.POST)
    if form.is_valid():
        how, words = CheckMethod(form.cleaned_data["how"]), form.cleaned_data["words"]
        try:
            check_contact(by=request.user, contact=contact, how=how, words=words)
        except Denied as denied:
            form.add_error(None, str(denied.reason))
        else:
            messages.success(request, _("“%(name)s”: checked today, %(how)s.") % {"name": contact, "how": how.label})
            return redirect(reverse("admin:contact_checks", query={"portal": portal} if portal.isdecimal() else None))
    return _render_list(request, portal, {contact_id: form}, status=422)


def _check_form(contact_id: int, data: object = None) -> CheckForm:
    return CheckForm(data, auto_id=f"check_{contact_id}_%s")  # type: ignore[arg-type] # a QueryDict or None


def _render_list(
    request: OperatorRequest, portal_id: str, bound: dict[int, CheckForm], *, status: int = 200
) -> HttpResponse:
    today = timezone.localdate()
    portal = get_object_or_404(Portal, pk=portal_id) if portal_id.isdecimal() and len(portal_id) < 10 else None
    contacts: QuerySet[Contact] = (
        with_last_check(Contact.objects.filter(portal=portal)).order_by("position", "pk")
        if portal
        else visible_contacts_due(today)
    )
    if bound:
        # The refused one alone, with what was typed, also if it is not due.
        contacts = with_last_check(Contact.objects.filter(pk__in=bound))
    page = Paginator(contacts.select_related("portal").prefetch_related("texts"), CONTACTS_PER_PAGE).get_page(
        request.GET.get("page")
    )
    context = {
        "title": _("Contacts: %(portal)s") % {"portal": portal} if portal else _("Contacts to check"),
        "portal": portal,
        "page": page,
        "rows": _contact_rows(request, list(page), bound, today),
        "methods": METHODS,
        "other": CheckMethod.OTHER,
        "days": settings.CONTACT_CHECK_DAYS,
    }
    return staff_page(request, "countries/staff/contacts/contacts.html", context, status=status)


def _contact_rows(
    request: OperatorRequest, contacts: list[Contact], bound: dict[int, CheckForm], today: date
) -> Iterable[ContactRow]:
    checks = ContactCheck.objects.filter(contact__in=contacts).select_related("by")
    newest = checks.order_by("contact_id", "-on", "-pk").distinct("contact_id")
    latest = {check.contact_id: check for check in newest}
    return [
        ContactRow(
            contact=contact,
            kind=contact.get_kind_display(),
            name_direction=text_direction(contact.name_language or contact.portal.default_language),
            is_due=is_due(contact, today),
            verified_on=format_day(contact.verified_on) if contact.is_verified else "",
            lapse=describe_lapse(contact) if contact.has_changed_since_verified else "",
            last_check=_describe_check(latest.get(contact.pk), contact),
            why_not=why_not(check_can_record_check, request.user, contact),
            form=bound.get(contact.pk) or _check_form(contact.pk),
        )
        for contact in contacts
    ]


def _describe_check(check: ContactCheck | None, contact: Contact) -> str:
    if check is None:
        return ""
    words = {
        "date": format_day(check.on),
        "name": check.by,
        "how": check.words or CheckMethod(check.how).label,
    }
    if (check.phone, check.website) != (contact.phone, contact.website):
        return _("Checked on %(date)s by %(name)s (%(how)s), and changed since.") % words
    return _("Checked on %(date)s by %(name)s: %(how)s.") % words
