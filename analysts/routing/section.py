"""The incident page's section on where it goes: what is proposed and why, what was confirmed, what the police say."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef
from django.db.models.functions import Lower
from django.forms.boundfield import BoundField, BoundWidget
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from analysts import durations
from analysts.forms import Act
from analysts.harmless import harmless
from analysts.models import (
    Addressee,
    AddresseeKind,
    Chase,
    Clearance,
    Incident,
    IncidentKind,
    PoliceHold,
    Referral,
    Route,
    Step,
    User,
)
from analysts.routing import holds, permissions, referrals
from analysts.routing.destinations import TOLD, national
from analysts.routing.forms import CHOSEN, AskPolice, ConfirmRoute, RecordClearance, TellOneMore, how_told
from analysts.routing.rules import Proposal, propose
from analysts.views.buttons import Button
from analysts.views.parts import Part
from audit.permissions import why_not
from countries.languages import country_name

# The forms' names on the page; a name that begins with "ask_" is of a question to a report.
CONFIRM, TELL, ASK, RECORD = "confirm_route", "refer", "police_again", "record_clearance"
# More are not offered; whatever is typed is found all the same.
MOST_OFFERED = 300
# Whom `TellOneMore` names beyond the usual.
OFFERED = (AddresseeKind.OWNER, AddresseeKind.REGISTRAR, AddresseeKind.PLATFORM, AddresseeKind.HOTLINE)


@dataclass(frozen=True, slots=True)
class Line:
    """One step as it can be ticked: why it is proposed, when it is taken, and whom it tells."""

    option: BoundWidget
    reasons: tuple[str, ...]
    after_hours: int
    # Who that is: known, or chosen in a field that stands with the first step that needs it.
    to: str
    field: BoundField | None

    @property
    def is_open(self) -> bool:
        """Its field belongs to a step that is ticked, or one that was refused."""
        return bool(self.option.data["selected"]) or bool(self.field and self.field.errors)


@dataclass(frozen=True, slots=True)
class Proposing:
    place: str
    # The place it was confirmed for before.
    before: str
    proposed: list[Line]
    others: list[Line]
    button: Button

    @property
    def no_rule(self) -> bool:
        return not self.proposed


@dataclass(frozen=True, slots=True)
class Told:
    """One addressee, and how it stands with them."""

    to: str
    # Of its page, where somebody verifies it.
    url: str
    kind: str
    stands: str
    reason: str
    at: datetime
    by: str


@dataclass(frozen=True, slots=True)
class Asked:
    """What the police were asked last."""

    police: str
    hold: PoliceHold
    reference: str
    ago: str
    # How they were asked, where nobody of us could have written yet.
    unusable: str
    record: Button | None
    again: Button | None

    @property
    def is_granted(self) -> bool:
        return self.hold.answer == Clearance.GRANTED

    @property
    def is_refused(self) -> bool:
        return self.hold.answer == Clearance.REFUSED


@dataclass(frozen=True, slots=True)
class Routing:
    route: Route | None
    steps: list[str]
    reason: str
    proposing: Proposing | None
    told: list[Told]
    asked: Asked | None
    tell: Button | None
    known: list[str]
    is_traced: bool
    # Words without an address: a person tells others of them, and no letter is written.
    is_words: bool


def routing(incident: Incident, user: User, bound: dict[str, Act], now: datetime) -> Part | None:
    """The section of the incident's page; None once the work is over, unless an answer of the police is still due."""
    chase = next((chase for chase in incident.known_chases if chase.ended_at is None), None)
    hold = holds.latest(incident)
    is_words = incident.kind == IncidentKind.WORDS
    refused = why_not(permissions.check_can_tell, user, incident)
    if chase is None and (hold is None or hold.answer) and not (is_words and not refused):
        return None
    route = incident.routes.select_related("by").order_by("-at").first() if chase and chase.routed_trace else None
    proposing = proposed(incident, chase, route, user, bound) if chase and chase.trace else None
    asked = asked_police(incident, chase, hold, user, bound, now)
    return Part(
        "analysts/routing.html",
        Routing(
            route=route,
            steps=[str(Step(step).label) for step in route.steps] if route else [],
            reason=harmless(route.reason) if route else "",
            proposing=proposing,
            told=told(incident, hold, now) if chase or is_words else [],
            asked=asked,
            tell=None if refused and TELL not in bound else tell_button(incident, bound, refused),
            known=known_names() if not refused or proposing else [],
            is_traced=bool(chase and chase.trace),
            is_words=is_words,
        ),
    )


def country(code: str) -> str:
    return country_name(code, get_language() or "en") or code


def place_of(chase: Chase) -> str:
    return ", ".join(filter(None, [country(chase.country), harmless(chase.provider.name) if chase.provider else ""]))


# --- What is proposed -------------------------------------------------------------------------------


def proposed(
    incident: Incident, chase: Chase, route: Route | None, user: User, bound: dict[str, Act]
) -> Proposing | None:
    """None where the route is confirmed for this place and this verdict, or an analyst cannot confirm one now."""
    refused = why_not(permissions.check_can_route, user, incident)
    is_confirmed = route is not None and (route.assessment_id, route.trace) == (
        referrals.verdict_of(incident).pk,
        chase.trace,
    )
    if (is_confirmed or refused) and CONFIRM not in bound:
        return None
    proposal = propose(chase.country)
    form = bound.get(CONFIRM) or confirm_form(chase, proposal)
    lines = list(lines_of(form, proposal, chase))
    return Proposing(
        place=place_of(chase),
        before=country(route.country) if route and chase.has_moved else "",
        proposed=[line for line in lines if line.reasons],
        others=[line for line in lines if not line.reasons],
        button=Button(
            name=CONFIRM,
            label=_("Confirm where it goes"),
            url=reverse("admin:confirm_route", args=[incident.pk]),
            form=form,
            why_not=refused,
        ),
    )


def confirm_form(chase: Chase, proposal: Proposal, data: Mapping[str, Any] | None = None) -> ConfirmRoute:
    initial = {"trace": chase.trace, "steps": [step.value for step in proposal.steps]}
    return ConfirmRoute(
        data, auto_id=f"{CONFIRM}_%s", initial=initial, proposal=proposal, national=national(chase.country)
    )


def lines_of(form: Act, proposal: Proposal, chase: Chase) -> list[Line]:
    """The proposed steps in the order of the rules, then the others."""
    options = {Step(option.data["value"]): option for option in form["steps"].subwidgets}
    with_field: set[AddresseeKind] = set()
    lines = []
    for step in [*proposal.steps, *(step for step in Step if step not in proposal.steps)]:
        kind, found = TOLD.get(step), proposal.of(step)
        field = form[CHOSEN[kind]] if kind in CHOSEN and kind not in with_field else None
        if kind:
            with_field.add(kind)
        lines.append(
            Line(
                option=options[step],
                reasons=found.reasons if found else (),
                after_hours=found.after_hours if found else 0,
                to=to_words(chase.provider) if kind == AddresseeKind.HOST and chase.provider else "",
                field=field,
            )
        )
    return lines


def to_words(addressee: Addressee) -> str:
    return f"{harmless(addressee.name)} ({how_told(addressee)})"


# --- Who is told ------------------------------------------------------------------------------------


def told(incident: Incident, hold: PoliceHold | None, now: datetime) -> list[Told]:
    """Everybody who is to be told and is not ended, in the order it was decided, at one moment by name."""
    open_ones = incident.referrals.filter(ended_at=None, to__isnull=False).select_related("to", "by")
    taken_back = Exists(referrals.taken_back(Referral.objects.filter(pk=OuterRef("pk"))))
    return [
        Told(
            to=harmless(referral.addressee),
            url=reverse("admin:addressee", args=[referral.to_id]),
            kind=str(AddresseeKind(referral.to.kind).label) if referral.to else "",
            stands=stands(referral, hold, now) if not is_taken_back(referral) else _("taken back: nobody tells them"),
            reason=harmless(referral.reason),
            at=referral.at,
            by=str(referral.by),
        )
        for referral in open_ones.annotate(is_taken_back=taken_back).order_by("at", "addressee", "pk")
    ]


def is_taken_back(referral: Referral) -> bool:
    return bool(referral.is_taken_back)  # type: ignore[attr-defined]


def stands(referral: Referral, hold: PoliceHold | None, now: datetime) -> str:
    """How it stands, in words."""
    if referral.noticed_at:
        return _("told on %(date)s") % {"date": date_format(referral.noticed_at, "j M Y, H:i")}
    if holds.keeps_back(hold, to=referral.to_id):
        return _("kept back: the police have not cleared it")
    if referral.not_before and referral.not_before > now:
        return _("not before %(date)s") % {"date": date_format(referral.not_before, "j M Y, H:i")}
    if referral.to and not referral.to.is_usable:
        return _("waits: not verified yet")
    return _("to be told")


# --- The police -------------------------------------------------------------------------------------


def asked_police(
    incident: Incident, chase: Chase | None, hold: PoliceHold | None, user: User, bound: dict[str, Act], now: datetime
) -> Asked | None:
    if hold is None:
        return None
    may_ask = not why_not(permissions.check_can_ask_police, user, incident, hold)
    is_refused = hold.answer == Clearance.REFUSED
    return Asked(
        police=harmless(hold.police.name),
        hold=hold,
        reference=harmless(hold.reference),
        ago=durations.in_words(now - hold.at),
        unusable="" if hold.police.is_usable else str(how_told(hold.police)),
        record=record_button(incident, hold, bound, now) if not hold.answer or RECORD in bound else None,
        again=ask_button(incident, chase, bound) if chase and ((may_ask and is_refused) or ASK in bound) else None,
    )


def record_form(hold: PoliceHold, data: Mapping[str, Any] | None = None, *, now: datetime) -> RecordClearance:
    asked_on, today = holds.days_of_answer(hold, now=now)
    return RecordClearance(data, auto_id=f"{RECORD}_%s", asked_on=asked_on, today=today)


def record_button(incident: Incident, hold: PoliceHold, bound: dict[str, Act], now: datetime) -> Button:
    return Button(
        name=RECORD,
        label=_("Record their answer"),
        url=reverse("admin:record_clearance", args=[incident.pk]),
        form=bound.get(RECORD) or record_form(hold, now=now),
        why_not="",
    )


def ask_form(chase: Chase, data: Mapping[str, Any] | None = None) -> AskPolice:
    police = national(chase.country)[AddresseeKind.POLICE]
    return AskPolice(data, auto_id=f"{ASK}_%s", police=police)


def ask_button(incident: Incident, chase: Chase, bound: dict[str, Act]) -> Button:
    return Button(
        name=ASK,
        label=_("Ask them again"),
        url=reverse("admin:ask_police", args=[incident.pk]),
        form=bound.get(ASK) or ask_form(chase),
        why_not="",
    )


# --- One more ---------------------------------------------------------------------------------------


def tell_button(incident: Incident, bound: dict[str, Act], refused: str) -> Button:
    return Button(
        name=TELL,
        label=_("Record it") if incident.kind == IncidentKind.WORDS else _("Tell them"),
        url=reverse("admin:refer", args=[incident.pk]),
        form=bound.get(TELL) or tell_form(),
        why_not=refused,
    )


def tell_form(data: Mapping[str, Any] | None = None) -> TellOneMore:
    return TellOneMore(data, auto_id=f"{TELL}_%s")


def known_names() -> list[str]:
    found = Addressee.objects.in_use().filter(kind__in=OFFERED).order_by(Lower("name"))
    return list(found.values_list("name", flat=True)[:MOST_OFFERED])
