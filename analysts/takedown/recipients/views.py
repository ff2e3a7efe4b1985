"""Views for recipients: the list, the page of one recipient, and its actions."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.text import capfirst, get_text_list
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from analysts.accounts.staff_request import StaffRequest
from analysts.codes.recipient_kinds import RecipientKind
from analysts.incidents import durations
from analysts.models import Recipient, User
from analysts.models.recipient import Channel
from analysts.takedown.recipients import actions, performance, permissions
from analysts.takedown.recipients.complaints import possible_complaints
from analysts.takedown.recipients.forms import Details, Filter, RecipientContactForm, VerifyForm
from analysts.takedown.recipients.opening_days import lines_of
from analysts.takedown.recipients.opening_hours import in_words, next_opening, zone_of
from audit.permissions import Denied, is_allowed, why_not
from countries.languages import country_in_words, language_name
from countries.staff.requests.staff_pages import staff_page

ROWS_PER_PAGE = 30


@dataclass(frozen=True, slots=True)
class RecipientRow:
    recipient: Recipient
    country: str
    hours: str
    is_reachable: bool


@require_safe
def recipient_list(request: StaffRequest) -> HttpResponse:
    permissions.check_can_see(request.user)
    form = Filter(request.GET)
    page = Paginator(filter_recipients(form.chosen()), ROWS_PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "title": _("Recipients"),
        "kinds": capfirst(get_text_list([str(kind.row.plural) for kind in RecipientKind], _("and"))),
        "form": form,
        "chosen": form.chosen(),
        "page": page,
        "columns": [_("Name"), _("Type"), _("Country"), _("Channel"), _("State")],
        "rows": [
            RecipientRow(
                recipient,
                country_in_words(recipient.country),
                in_words(recipient),
                permissions.can_be_reached(recipient),
            )
            for recipient in page
        ],
        "may_edit": is_allowed(permissions.check_can_edit, request.user),
    }
    return staff_page(request, "analysts/takedown/recipients/list.html", context)


def filter_recipients(chosen: dict[str, str]) -> QuerySet[Recipient]:
    recipients = Recipient.objects.order_by("kind", "name", "pk")
    match chosen.get("state"):
        case "closed":
            recipients = recipients.filter(closed_on__isnull=False)
        case "verified":
            recipients = recipients.filter(Recipient.verified(), closed_on=None)
        case "wanted":
            recipients = recipients.filter(pk__in=performance.recipients_to_verify())
        case "unverified":
            recipients = recipients.filter(Recipient.unverified(), closed_on=None)
        case _:
            recipients = recipients.filter(closed_on=None)
    if name := chosen.get("name"):
        recipients = recipients.filter(name__icontains=name)
    return recipients.filter(**{field: chosen[field] for field in ("kind", "country") if field in chosen})


@require_safe
def recipient_page(request: StaffRequest, recipient_id: uuid.UUID) -> HttpResponse:
    permissions.check_can_see(request.user)
    recipient = get_object_or_404(
        Recipient.objects.select_related("verified_by", "changed_by", "proposed_by"), pk=recipient_id
    )
    now = timezone.now()
    history = performance.recipient_history(recipient, now=now)
    context = {
        "title": recipient.name,
        "recipient": recipient,
        "facts": recipient_facts(recipient),
        "scheduled_at": later_opening(recipient, now),
        "history": history,
        "median": hours_in_words(history.median_hours),
        "slow": hours_in_words(history.slow_hours),
        "open_notices": performance.open_notices(recipient),
        "complaints": possible_complaints(recipient, request.user, now=now),
        "days": performance.DAYS,
        "may_edit": is_allowed(permissions.check_can_edit, request.user),
        "verify_form": VerifyForm(initial={"digest": recipient.value_digest()}),
        "why_not_verify": why_not(permissions.check_can_verify, request.user, recipient),
        "may_verify": is_allowed(permissions.check_may_verify, request.user),
        "contact_form": RecipientContactForm(
            initial={"digest": recipient.value_digest(), "email": recipient.proposed_email}, auto_id="contact_%s"
        ),
        "why_not_take": why_not(permissions.check_can_decide_contact, request.user, recipient, takes=True),
    }
    return staff_page(request, "analysts/takedown/recipients/recipient.html", context)


def recipient_facts(recipient: Recipient) -> list[tuple[str, str]]:
    """Return the details as (label, value) pairs, without empty ones."""
    channel = Channel(recipient.channel)
    reached = recipient.email if channel.is_mail else recipient.form_address if channel == Channel.LINK else ""
    facts = [
        (_("Type"), recipient.get_kind_display()),
        (_("Country"), country_in_words(recipient.country)),
        (_("Channel"), recipient.get_channel_display()),
        (
            _("To be confirmed"),
            _("It takes XARF reports, and forwards none to its customer.") if channel == Channel.XARF else "",
        ),
        (_("Contact address"), reached or ("" if recipient.channel == Channel.BY_HAND else _("not entered yet"))),
        (_("Telephone"), recipient.phone),
        (_("Addresses in notices"), _("defanged: hxxps://host[.]tld/…") if recipient.defang else _("unchanged")),
        (_("Languages"), ", ".join(language_name(tag) for tag in recipient.languages)),
        (_("Working hours"), in_words(recipient)),
        (_("Blocked days"), ", ".join(lines_of(recipient.blocked_days))),
        (_("Source"), recipient.source),
    ]
    return [(name, words) for name, words in facts if words]


def later_opening(recipient: Recipient, now: datetime) -> datetime | None:
    """Return when a notice that is ready at `now` would be sent, in the recipient's time zone; None if immediately."""
    scheduled_at = next_opening(recipient, now)
    return None if scheduled_at == now else scheduled_at.astimezone(zone_of(recipient))


def hours_in_words(hours: float | None) -> str:
    return "" if hours is None else durations.in_words(timedelta(hours=hours))


@require_http_methods(["GET", "HEAD", "POST"])
def edit_page(request: StaffRequest, recipient_id: uuid.UUID | None = None) -> HttpResponse:
    """Change a recipient, or add one."""
    permissions.check_can_edit(request.user)
    recipient = get_object_or_404(Recipient, pk=recipient_id) if recipient_id else None
    form = Details(request.POST if request.method == "POST" else None, recipient=recipient)
    if form.is_valid():
        try:
            if recipient:
                saved = actions.change_recipient(by=request.user, recipient=recipient, details=form.details())
            else:
                saved = actions.add_recipient(by=request.user, details=form.details())
        except Denied as denied:
            form.add_error("name", str(denied.reason))
        else:
            messages.success(request, saved_message(recipient, saved))
            return redirect("admin:recipient", saved.pk)
    title = _("Change %(name)s") % {"name": recipient.name} if recipient else _("New recipient")
    context = {"title": title, "form": form, "recipient": recipient}
    return staff_page(request, "analysts/takedown/recipients/details.html", context, status=422 if form.errors else 200)


def saved_message(before: Recipient | None, saved: Recipient) -> str:
    if before is None:
        return _("Recipient added. Nothing is sent to it until a second person has verified it.")
    is_verification_lost = before.is_verified and not saved.is_verified
    return _("Saved. A second person has to verify the recipient again.") if is_verification_lost else _("Saved.")


@require_POST
def verify_recipient(request: StaffRequest, recipient_id: uuid.UUID) -> HttpResponse:
    form = VerifyForm(request.POST)
    digest = form.cleaned_data["digest"] if form.is_valid() else ""

    def verb(*, by: User, recipient: Recipient) -> Recipient:
        return actions.verify(by=by, recipient=recipient, digest_on_page=digest)

    return handle_action(request, recipient_id, verb, _("Recipient verified. Notices can now be sent to it."))


@require_POST
def decide_contact(request: StaffRequest, recipient_id: uuid.UUID) -> HttpResponse:
    form = RecipientContactForm(request.POST)
    values: dict[str, Any] = {"digest": "", "email": "", "takes": False}
    if form.is_valid():
        values = form.cleaned_data

    def verb(*, by: User, recipient: Recipient) -> Recipient:
        return actions.decide_contact(
            by=by,
            recipient=recipient,
            takes=values["takes"],
            digest_on_page=values["digest"],
            email_on_page=values["email"],
        )

    return handle_action(request, recipient_id, verb, _("The contact is decided."))


@require_POST
def close_down(request: StaffRequest, recipient_id: uuid.UUID) -> HttpResponse:
    return handle_action(
        request, recipient_id, actions.close_down, _("Recipient deactivated. Nothing more is sent to it.")
    )


@require_POST
def reopen_recipient(request: StaffRequest, recipient_id: uuid.UUID) -> HttpResponse:
    return handle_action(
        request,
        recipient_id,
        actions.reopen,
        _("Recipient reactivated. It has to be verified before anything is sent to it."),
    )


def handle_action(
    request: StaffRequest, recipient_id: uuid.UUID, verb: Callable[..., Recipient], message: str
) -> HttpResponse:
    """Run the action, show the result or the reason for refusal, and redirect to the recipient's page."""
    permissions.check_can_see(request.user)
    recipient = get_object_or_404(Recipient, pk=recipient_id)
    try:
        verb(by=request.user, recipient=recipient)
    except Denied as denied:
        messages.error(request, str(denied.reason))
    else:
        messages.success(request, message)
    return redirect("admin:recipient", recipient.pk)
