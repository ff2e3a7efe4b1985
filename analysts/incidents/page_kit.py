"""What rooms build their parts of the incident page with: action forms, buttons, sections and actions.

Rooms import this module and nothing of `analysts.pages`, which lists the rooms and puts the page together.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.functional import Promise

from analysts.accounts.access import Scope, Who
from analysts.accounts.staff_request import StaffRequest
from analysts.incidents.permissions import ANALYSTS
from analysts.models import Incident, User
from audit.permissions import Denied, Late, why_not


class ActionForm(forms.Form):
    """The form of an action on an incident: a button, perhaps with fields. `cleaned_data` are the verb's keywords."""

    use_required_attribute = False


class ClaimActionForm(ActionForm):
    """An action of the holder of a claim: `fence` tells a claim from a later one."""

    fence = forms.IntegerField(widget=forms.HiddenInput)


@dataclass(frozen=True, slots=True)
class ActionButton:
    """An action as the page shows it. Its fields are there while it is possible, or to keep what was typed."""

    name: str
    label: str
    url: str
    form: ActionForm
    why_not: str
    # The key that presses it (`static/staff/keys.js`). Letters from a to h choose within a group of a decision, except
    # where there is none: claim has c.
    key: str = ""
    # Where a draft is kept, and when it was; "" and None for what has nothing to keep.
    draft_url: str = ""
    kept_at: datetime | None = None

    @property
    def shows_fields(self) -> bool:
        return not self.why_not or self.form.is_bound


@dataclass(frozen=True, slots=True)
class PageSection:
    """A section of the page: its template, which finds its own data under `part`."""

    template: str
    context: object


# A card or notice of the dashboard; None where it has nothing for this user.
type ShowCard = Callable[[User, datetime], PageSection | None]
type ShowSection = Callable[[Incident, User, dict[str, ActionForm], datetime], PageSection | None]


@dataclass(frozen=True, slots=True)
class Redraw:
    """The answer of an action that shows the page again: `bound` holds, by the form's name, what was typed."""

    bound: dict[str, ActionForm]
    status: int = 200


type Outcome = HttpResponse | Redraw


def perform_action(
    request: StaffRequest,
    incident: Incident,
    name: str,
    form: ActionForm,
    verb: Callable[..., Any],
    done: str | Promise,
    *,
    onward: Callable[[], HttpResponse] | None = None,
) -> Outcome:
    """Call the verb with what a valid form holds and go `onward`, by default back to the incident.

    A form that is not valid, or a verb that refuses, shows the page again with what was typed and the reason:
    422, 403, or 409 where a colleague was faster.
    """
    status = 422
    if form.is_valid():
        try:
            verb(**form.cleaned_data)
        except Denied as denied:
            form.add_error(None, str(denied.reason))
            status = 409 if isinstance(denied, Late) else 403
        else:
            messages.success(request, str(done))
            return onward() if onward else redirect("admin:incident", incident.pk)
    return Redraw({name: form}, status)


def to_section(incident: Incident, section: str) -> HttpResponse:
    """To a section of the incident's page."""
    return redirect(f"{reverse('admin:incident', args=[incident.pk])}#{section}")


# Gets the prefix of the fields' ids, the incident, the user, what was sent, and what the fields hold to begin with.
type FormMaker = Callable[[str, Incident, User, Mapping[str, Any] | None, Mapping[str, Any]], ActionForm]


@dataclass(frozen=True, slots=True)
class IncidentAction:
    """One action on an incident, as a row: POST to `path` below the incident's own, `run` with the incident found.

    `run` gets the request, the incident and the path's other parameters. An action without a `label` has its button in
    a section of the page; the others stand in the list of actions, in the order of the rows.
    """

    name: str
    path: str
    run: Callable[..., Outcome]
    who: Who = ANALYSTS
    scope: Scope = Scope.INCIDENT
    label: str | Promise = ""
    check: Callable[[User, Incident], None] | None = None
    make_form: FormMaker | None = None
    # What the audit log calls the event `incident.<name>`.
    recorded_as: str | Promise = ""
    key: str = ""
    is_drafted: bool = False
    # Whether the list of actions names it for this incident at all.
    is_offered: Callable[[Incident], bool] | None = None

    def form(
        self, incident: Incident, user: User, data: Mapping[str, Any] | None = None, *, begun: Any = None
    ) -> ActionForm:
        """Its form; `begun`: what the fields hold to begin with. Several stand on a page: the name keeps ids apart."""
        auto_id = f"{self.name}_%s"
        if self.make_form is None:
            return ActionForm(data, auto_id=auto_id)
        return self.make_form(auto_id, incident, user, data, dict(begun or {}))

    def button(self, incident: Incident, user: User, bound: dict[str, ActionForm], **more: Any) -> ActionButton:
        """`more`: fields of the button that a room fills in, such as its draft."""
        begun = more.pop("begun", None)
        return ActionButton(
            name=self.name,
            label=str(self.label),
            url=reverse(f"admin:{self.name}", args=[incident.pk]),
            form=bound.get(self.name) or self.form(incident, user, begun=begun),
            why_not=why_not(self.check, user, incident) if self.check else "",
            key=self.key,
            **more,
        )


def make_claim_form(
    auto_id: str, incident: Incident, user: User, data: Mapping[str, Any] | None, begun: Mapping[str, Any]
) -> ActionForm:
    return ClaimActionForm(data, auto_id=auto_id, initial={**begun, "fence": incident.fence})


def plain_action(
    name: str,
    path: str,
    verb: Callable[..., Any],
    done: str | Promise,
    **row: Any,
) -> IncidentAction:
    """An action that binds its form, calls the verb and goes back to the incident."""

    def run(request: StaffRequest, incident: Incident) -> Outcome:
        form = action.form(incident, request.user, request.POST)
        return perform_action(
            request, incident, name, form, lambda **words: verb(by=request.user, incident=incident, **words), done
        )

    action = IncidentAction(name, path, run, **row)
    return action
