"""Contacts to talk to, on each page with revealed content. Welfare leads enter them; nothing records who looks."""

from datetime import datetime

from django.contrib import messages
from django.db import transaction
from django.db.models import Q
from django.forms import BaseModelFormSet, modelformset_factory
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from analysts.accounts.staff_request import StaffRequest
from analysts.models import SupportContact, SupportKind
from analysts.welfare.exposure import work_day
from analysts.welfare.permissions import check_can_see_welfare
from audit.actions import record_event
from audit.generic_classes import ModelForm
from countries.staff.requests.staff_pages import staff_page

MOST_CONTACTS = 30
type ContactForms = BaseModelFormSet[SupportContact, ModelForm[SupportContact]]


def contacts_of_today(*, now: datetime) -> list[SupportContact]:
    """In the order of `SupportKind`; of each kind those of every day last. One query."""
    today = Q(weekday=None) | Q(weekday=work_day(now).weekday())
    kinds = list(SupportKind.values)
    return sorted(SupportContact.objects.filter(today), key=lambda contact: kinds.index(contact.kind))


def bind_contacts(data: QueryDict | None) -> ContactForms:
    make = modelformset_factory(
        SupportContact,
        fields=("kind", "name", "reach", "weekday"),
        can_delete=True,
        can_delete_extra=False,
        extra=1,
        max_num=MOST_CONTACTS,
        validate_max=True,
    )
    forms: ContactForms = make(data, auto_id="contact_%s", queryset=SupportContact.objects.order_by("pk"))
    return forms


@require_http_methods(["GET", "HEAD", "POST"])
def contacts_page(request: StaffRequest) -> HttpResponse:
    check_can_see_welfare(request.user)
    forms = bind_contacts(request.POST if request.method == "POST" else None)
    if forms.is_bound and forms.is_valid():
        # The audit event contains none of them.
        with transaction.atomic():
            forms.save()
            record_event(by=request.user, action="welfare.contacts", at=timezone.now())
        messages.success(request, _("The contacts have been saved."))
        return redirect("admin:support_contacts")
    context = {"title": _("Contacts to talk to"), "forms": forms}
    status = 422 if forms.is_bound else 200
    return staff_page(request, "analysts/welfare/contacts.html", context, status=status)
