"""The page on which an operator changes a portal's state, and the buttons that lead to it."""

from dataclasses import dataclass
from datetime import date

from django import forms
from django.contrib import messages
from django.core.exceptions import BadRequest, ValidationError
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from audit.permissions import Denied, HasPermissions, why_not
from audit.reason_field import ReasonField
from countries.models import Portal, PortalState
from countries.staff.document.checklist_item import Checklist, ChecklistItem
from countries.staff.document.steps import PortalStep
from countries.staff.requests.approvals import check_is_operator
from countries.staff.requests.staff_pages import OperatorRequest, refusals_explained, staff_page
from countries.staff.workspace import lifecycle, portal_approvals
from countries.staff.workspace.checklist import PREFETCHED
from countries.staff.workspace.launch_date import LaunchDateFields
from countries.staff.workspace.permissions import NotReady, check_can_move
from countries.staff.workspace.steps import link_items, step_address
from countries.states import Verb, sources, target

# The effect of each verb on the public.
CONSEQUENCES = {
    Verb.RESTRICT: gettext_lazy("Only people who know the access phrase can send a report through the portal."),
    Verb.SCHEDULE: gettext_lazy("The portal stays hidden until its opening day, then opens automatically."),
    Verb.LAUNCH: gettext_lazy("Everyone can find the portal and report through it."),
    Verb.SUSPEND: gettext_lazy("The portal accepts no reports and shows its message. Receipts continue to work."),
    Verb.REOPEN: gettext_lazy("Everyone can report through the portal again."),
    Verb.CLOSE: gettext_lazy("The portal no longer accepts reports and shows its message. Receipts continue to work."),
    Verb.WITHDRAW: gettext_lazy("The portal becomes a draft again and does not open automatically."),
}


class StateForm(forms.Form):
    reason = ReasonField(rows=3)


class LaunchForm(LaunchDateFields, StateForm):
    field_order = ("launched_on", "launch_source", "reason")


class ScheduleForm(LaunchDateFields, StateForm):
    opens_on = forms.DateField(
        label=gettext_lazy("Opens on"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text=gettext_lazy("A day after today."),
    )
    field_order = ("opens_on", "launched_on", "launch_source", "reason")

    def clean_opens_on(self) -> date:
        day: date = self.cleaned_data["opens_on"]
        if day <= timezone.localdate():
            raise ValidationError(_("Choose a day after today."))
        return day


@dataclass(frozen=True, slots=True)
class StateButton:
    verb: Verb
    address: str
    why_not: str


def state_buttons(user: HasPermissions, portal: Portal, today: date, checklist: Checklist) -> list[StateButton]:
    """A button for each verb possible in the portal's state, with the reason if it is disabled.

    `checklist`: the portal's on the day `today`.
    """
    address = reverse("admin:portal_state", args=[portal.pk])
    return [
        StateButton(verb, f"{address}?verb={verb.value}", why_not(check_can_move, user, portal, verb, today, checklist))
        for verb in Verb
        if portal.state in sources(verb)
    ]


@refusals_explained
@require_http_methods(["GET", "HEAD", "POST"])
def portal_state(request: OperatorRequest, portal_id: int) -> HttpResponse:
    portal = get_object_or_404(Portal.objects.prefetch_related(*PREFETCHED), pk=portal_id)
    check_is_operator(request.user)
    try:
        verb = Verb(request.POST.get("verb", "") if request.method == "POST" else request.GET.get("verb", ""))
    except ValueError:
        if request.method != "POST":
            return redirect(step_address(portal.pk, PortalStep.LAUNCH))
        raise BadRequest("No such verb.") from None
    form = _build_form(request, portal, verb)
    try:
        if form.is_valid():
            return _ask_or_do(request, portal, verb, form)
        check_can_move(request.user, portal, verb, timezone.localdate())
    except Denied as denied:
        items = denied.items if isinstance(denied, NotReady) else ()
        return _render_page(request, portal, verb, form, str(denied.reason), items)
    except ValidationError as error:
        return _render_page(request, portal, verb, form, " ".join(error.messages))
    return _render_page(request, portal, verb, form)


def _build_form(request: OperatorRequest, portal: Portal, verb: Verb) -> StateForm:
    forms_of_verbs: dict[Verb, type[StateForm]] = {Verb.LAUNCH: LaunchForm, Verb.SCHEDULE: ScheduleForm}
    form = forms_of_verbs.get(verb, StateForm)(request.POST if request.method == "POST" else None)
    if isinstance(form, LaunchDateFields):
        form.propose_date(portal, is_scheduled=verb is Verb.SCHEDULE)
    return form


@transaction.atomic
def _ask_or_do(request: OperatorRequest, portal: Portal, verb: Verb, form: StateForm) -> HttpResponse:
    """Change the state at once if the public does not see the portal; otherwise request approval."""
    reason, opens_on = form.cleaned_data["reason"], form.cleaned_data.get("opens_on")
    launch = form.launch if isinstance(form, LaunchDateFields) else None
    # Locked, so that its state cannot change between check and action.
    portal = Portal.objects.locked().get(pk=portal.pk)
    if portal_approvals.needs_second(portal):
        requested = portal_approvals.request_state(
            by=request.user, portal=portal, verb=verb, reason=reason, opens_on=opens_on, launch=launch
        )
        messages.success(request, _("Approval requested. The state changes once another operator approves it."))
        return redirect("admin:approval", requested.pk)
    portal = lifecycle.transition_portal(
        by=request.user, portal=portal, verb=verb, reason=reason, opens_on=opens_on, launch=launch
    )
    messages.success(request, _("The portal is now %(state)s.") % {"state": PortalState(portal.state).label})
    following = PortalStep.TEST if verb is Verb.RESTRICT else PortalStep.LAUNCH
    return redirect(step_address(portal.pk, following))


def _render_page(
    request: OperatorRequest,
    portal: Portal,
    verb: Verb,
    form: StateForm,
    refusal: str = "",
    items: tuple[ChecklistItem, ...] = (),
) -> HttpResponse:
    context = {
        "title": _("%(verb)s: %(portal)s") % {"verb": verb.label, "portal": portal},
        "portal_row": portal,
        "verb": verb,
        "consequence": CONSEQUENCES[verb],
        "from_state": PortalState(portal.state).label,
        "to_state": target(verb).label,
        "needs_second": portal_approvals.needs_second(portal),
        "form": form,
        "refusal": refusal,
        "items": link_items(portal.pk, items, is_operator=True),
    }
    return staff_page(
        request, "admin/countries/portal/state.html", context, status=422 if refusal or form.errors else 200
    )
