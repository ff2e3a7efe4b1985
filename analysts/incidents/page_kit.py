"""Building blocks of the incident page that rooms use: action forms, buttons, sections and actions.

Rooms import this module and nothing from `analysts.pages`, which lists the rooms and assembles the page.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import Model, QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.functional import Promise

from analysts.accounts.access import Scope, Who
from analysts.accounts.staff_request import StaffRequest
from analysts.incidents.page_urls import incident_url
from analysts.incidents.permissions import ANALYSTS
from analysts.models import Incident, User
from audit.permissions import Denied, Late, why_not


class ActionForm(forms.Form):
    """The form of an action on an incident, possibly without fields. The verb gets `cleaned_data` as keywords.

    `incident` and `user`: for forms whose fields depend on the incident or on the person who acts.
    """

    use_required_attribute = False
    template_name = "analysts/incidents/_fields.html"

    def __init__(self, *args: Any, incident: Incident | None = None, user: User | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.incident, self.user = incident, user


class ClaimActionForm(ActionForm):
    """The form of an action that needs a claim. `fence` is the claim number, which detects an outdated form."""

    fence = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, incident: Incident | None = None, **kwargs: Any) -> None:
        super().__init__(*args, incident=incident, **kwargs)
        if incident is not None:
            self.initial["fence"] = incident.fence


@dataclass(frozen=True, slots=True)
class ActionFold:
    """A fold of the list of actions, which holds all that name it. `key` opens it.

    name: of its `FormFold`; "" if its forms are in the page from the start.
    """

    label: Promise
    key: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class ActionButton:
    """An action as shown on the page. Its fields are shown if it is possible, or to keep input that was refused."""

    name: str
    label: str | Promise
    url: str
    form: ActionForm
    why_not: str
    # Its keyboard shortcut (`static/staff/keys.js`). Letters from a to h choose within a group of the decision form;
    # claim can use c, because that form is not shown then.
    key: str = ""
    # The key that opens what its form is folded in, and goes to the first field (`static/staff/incident.js`).
    opened_by: str = ""
    # Where a draft is saved, and when it was; "" and None for an action without drafts.
    draft_url: str = ""
    saved_at: datetime | None = None
    # The fold that it is in; None if it is in view.
    fold: ActionFold | None = None

    @property
    def shows_fields(self) -> bool:
        return not self.why_not or self.form.is_bound


@dataclass(frozen=True, slots=True)
class FormFold:
    """A folded form, built when it is opened. `url`: of the page with it open; `is_asked`: the request opens it."""

    name: str
    url: str
    is_asked: bool


@dataclass(frozen=True, slots=True)
class PageSection:
    """A section of a page: its template, and the data that the template gets as `part`."""

    template: str
    context: object


# Numbers of rows, by the names that the cards of the dashboard gave them.
type Counts = Mapping[str, int]


@dataclass(frozen=True, slots=True)
class DashboardCard:
    """A card, notice or list of the dashboard. `show`: None if it has nothing for this user.

    `counted`: the rows whose numbers `show` needs, by name. The page counts those of all cards with one statement, so
    they depend on the user and the time alone.
    """

    show: Callable[[User, datetime, Counts], PageSection | None]
    counted: Callable[[User, datetime], Mapping[str, QuerySet[Model, object]]] | None = None


@dataclass(frozen=True, slots=True)
class SectionHeading:
    """The heading of a folded section of the incident's page, and how to build its content.

    Args:
        outcome: how far it is, in one line.
        build: builds the content, from rows that the heading has read. It is called only if the content is shown.
        is_open: something in it waits for a person, or input was refused.
        is_built: its content is on the page although it is folded.
        badge: a number that needs attention; "" for none.
        keys: the shortcuts to show.
    """

    outcome: str
    build: Callable[[], PageSection]
    is_open: bool = False
    is_built: bool = False
    badge: str = ""
    keys: str = ""


@dataclass(frozen=True, slots=True)
class Redraw:
    """The outcome of an action that shows the page again. `bound`: the refused form, by the name of its action."""

    bound: dict[str, ActionForm]
    status: int = 200


type Outcome = HttpResponse | Redraw


def perform_action(
    request: StaffRequest,
    incident: Incident,
    name: str,
    form: ActionForm,
    verb: Callable[..., object],
    message: str | Promise,
    *,
    onward: Callable[[], HttpResponse] | None = None,
) -> Outcome:
    """Call the verb with the data of a valid form, then redirect `onward`, by default to the incident.

    If the form is invalid or the verb refuses, the page is shown again with the input and the reason. The status is 422
    or 403, or 409 if a colleague was faster.
    """
    status = 422
    if form.is_valid():
        try:
            verb(**form.cleaned_data)
        except Denied as denied:
            form.add_error(None, str(denied.reason))
            status = 409 if isinstance(denied, Late) else 403
        else:
            messages.success(request, str(message))
            return onward() if onward else redirect("admin:incident", incident.pk)
    return Redraw({name: form}, status)


def to_section(incident: Incident, section: str) -> HttpResponse:
    """Redirect to a section of the incident's page."""
    return redirect(f"{incident_url(incident.pk)}#{section}")


@dataclass(frozen=True, slots=True)
class IncidentAction:
    """One action on an incident: a POST to `path`, relative to the incident's path, calls `run`.

    `run` gets the request, the incident and the other path parameters. Actions with a `label` are in the page's list of
    actions, in the order of the rows. An action without one has its button in a section of the page.
    """

    name: str
    path: str
    run: Callable[..., Outcome]
    who: Who = ANALYSTS
    scope: Scope = Scope.INCIDENT
    label: str | Promise = ""
    check: Callable[[User, Incident], None] | None = None
    form_class: type[ActionForm] = ActionForm
    # Label of the event `incident.<name>` in the audit log.
    recorded_as: str | Promise = ""
    key: str = ""
    is_drafted: bool = False
    # Whether the list of actions includes it for this incident; None: always.
    is_offered: Callable[[Incident], bool] | None = None
    # A label of its own for each incident; None: `label`.
    make_label: Callable[[Incident], str | Promise] | None = None
    # The fold of the list in which it is opened on demand, and the key that opens it; None: it is in view.
    fold: ActionFold | None = None

    def form(
        self,
        incident: Incident,
        user: User,
        data: Mapping[str, object] | None = None,
        *,
        initial: Mapping[str, object] | None = None,
    ) -> ActionForm:
        """Build the form; `initial`: initial values. The action's name keeps field ids unique on the page."""
        return self.form_class(
            data, auto_id=f"{self.name}_%s", initial=dict(initial or {}), incident=incident, user=user
        )

    def button(
        self,
        incident: Incident,
        user: User,
        bound: dict[str, ActionForm],
        *,
        initial: Mapping[str, object] | None = None,
        draft_url: str = "",
        saved_at: datetime | None = None,
        has_fields: bool = True,
    ) -> ActionButton:
        """Build the button; `initial`: initial values of its form. `has_fields`: its fields are in the page."""
        refused = why_not(self.check, user, incident) if self.check else ""
        # The fields of a refused action are not shown.
        is_empty = refused or not has_fields
        form = ActionForm(auto_id=f"{self.name}_%s") if is_empty else self.form(incident, user, initial=initial)
        return ActionButton(
            name=self.name,
            label=self.make_label(incident) if self.make_label else str(self.label),
            url=incident_url(incident.pk, f"admin:{self.name}"),
            form=bound.get(self.name) or form,
            why_not=refused,
            key=self.key,
            draft_url=draft_url,
            saved_at=saved_at,
            fold=self.fold,
        )


def plain_action(
    name: str,
    path: str,
    verb: Callable[..., object],
    message: str | Promise,
    *,
    section: str = "",
    onward: Callable[[StaffRequest, Incident], HttpResponse] | None = None,
    **row: Any,
) -> IncidentAction:
    """Build an action that binds its form, calls the verb and redirects to the incident, its section, or `onward`."""

    def run(request: StaffRequest, incident: Incident) -> Outcome:
        def answer() -> HttpResponse:
            return onward(request, incident) if onward else to_section(incident, section)

        return perform_action(
            request,
            incident,
            name,
            action.form(incident, request.user, request.POST),
            lambda **words: verb(by=request.user, incident=incident, **words),
            message,
            onward=answer if onward or section else None,
        )

    action = IncidentAction(name, path, run, **row)
    return action
