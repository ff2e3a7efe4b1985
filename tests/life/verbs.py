"""The verbs that the model drives, and how each of them gets its arguments. One row each."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from analysts.accounts.permissions import CONTENT_ROLES
from analysts.assessment import actions as assessment
from analysts.assessment.actions.folding import foldable_incidents
from analysts.codes import (
    AgeBand,
    FoldReason,
    HoldReason,
    Reason,
    RevealReason,
    Role,
    Severity,
    Sex,
    UndoReason,
    Verdict,
)
from analysts.codes.recipient_kinds import RecipientKind, RouteStep
from analysts.incidents import actions as incidents
from analysts.incidents import contents
from analysts.models import (
    BulkClosing,
    CheckOutcome,
    Clearance,
    FloodSample,
    Incident,
    Notice,
    Recipient,
    TraceMethod,
    User,
)
from analysts.retention import actions as retention
from analysts.takedown.chasing import actions as chasing
from analysts.takedown.notices import manual_actions, redaction_review
from analysts.takedown.routing import actions as routing
from analysts.takedown.tracing import actions as tracing
from analysts.takedown.url_list import actions as url_list
from analysts.takedown.url_list.entries import OffReason
from analysts.welfare import actions as welfare
from analysts.welfare import viewing
from countries.staff import lifecycle
from countries.states import Verb
from tests.life.world import World

# Chooses one of a sequence.
type Choose = Callable[[Any], Any]
type Arguments = Mapping[str, Any]
# Returns the arguments of the verb besides `by` and `now`; None where there is nothing to call it with.
type MakeArguments = Callable[[World, User, Choose], Arguments | None]

OPERATORS = frozenset({Role.OPERATOR})


@dataclass(frozen=True, slots=True)
class VerbRow:
    """`roles`: those that may ever call it; any other must be refused, with any arguments."""

    verb: Callable[..., Any]
    make: MakeArguments
    roles: frozenset[str] = CONTENT_ROLES

    @property
    def name(self) -> str:
        return f"{self.verb.__module__}.{self.verb.__name__}"


def _nothing(_world: World, _by: User, _choose: Choose) -> Arguments:
    return {}


def _an_incident(world: World, choose: Choose) -> Incident | None:
    found = world.incidents()
    return choose(found) if found else None


def _of_incident(more: Callable[[World, Incident, Choose], Arguments | None] | None = None) -> MakeArguments:
    """One incident, of any portal and in any state, and `more` that depends on it."""

    def make(world: World, _by: User, choose: Choose) -> Arguments | None:
        incident = _an_incident(world, choose)
        if incident is None:
            return None
        others = more(world, incident, choose) if more else {}
        return None if others is None else {"incident": incident, **others}

    return make


def _with_fence(_world: World, incident: Incident, choose: Choose) -> Arguments:
    """The current number of the claim, or an old one, as of a page that was left open."""
    return {"fence": max(0, incident.fence - choose([0, 1]))}


def _to_colleague(world: World, incident: Incident, choose: Choose) -> Arguments:
    return {**_with_fence(world, incident, choose), "to": choose(world.people)}


ILLEGAL: Arguments = {
    "verdict": Verdict.ILLEGAL,
    "severity": Severity.B,
    "age_band": AgeBand.AGE_11_13,
    "sex": Sex.BOTH,
}
DECISIONS: tuple[Arguments, ...] = (
    ILLEGAL,
    {"verdict": Verdict.NOT_ASSESSED, "reason": Reason.CONTENT_NOT_FOUND},
    {"verdict": Verdict.NOT_ILLEGAL, "reason": Reason.OTHER},
    {"verdict": Verdict.OUTSIDE_REMIT, "reason": Reason.ADULT},
)


def _a_decision(world: World, incident: Incident, choose: Choose) -> Arguments:
    return {**_with_fence(world, incident, choose), **choose(DECISIONS)}


def _an_assessment(_world: World, incident: Incident, choose: Choose) -> Arguments | None:
    made = list(incident.assessments.order_by("at", "pk"))
    return {"assessment": choose(made[::-1]), "reason": UndoReason.SLIP} if made else None


def _another_incident(world: World, incident: Incident, choose: Choose) -> Arguments:
    return {"into": choose(world.incidents()), "fence": incident.fence}


def _a_report(world: World, _incident: Incident, choose: Choose) -> Arguments | None:
    reports = world.reports()
    return {"report": choose(reports)} if reports else None


def _a_question(world: World, incident: Incident, choose: Choose) -> Arguments | None:
    report = _a_report(world, incident, choose)
    return report and {**report, "question": "When did you see it?"}


def _a_flood(world: World, _by: User, choose: Choose) -> Arguments | None:
    floods = list(dict.fromkeys(bytes(each.flood) for each in world.incidents() if each.flood))
    return {"flood": choose(floods)} if floods else None


def _a_sample(_world: World, _by: User, choose: Choose) -> FloodSample | None:
    samples = list(FloodSample.objects.order_by("-at", "pk"))
    return choose(samples) if samples else None


def _sample_and_decision(world: World, by: User, choose: Choose) -> Arguments | None:
    sample = _a_sample(world, by, choose)
    return {"sample": sample, **choose(DECISIONS[1:])} if sample else None


def _sample_alone(world: World, by: User, choose: Choose) -> Arguments | None:
    sample = _a_sample(world, by, choose)
    return {"sample": sample} if sample else None


def _a_closing(_world: World, _by: User, choose: Choose) -> Arguments | None:
    closings = list(BulkClosing.objects.order_by("-at", "pk"))
    return {"closing": choose(closings)} if closings else None


def _what_waits_alike(world: World, by: User, choose: Choose) -> Arguments | None:
    incident = _an_incident(world, choose)
    if incident is None:
        return None
    number = foldable_incidents(by, incident).count()
    return {"incident": incident, "reason": FoldReason.INVENTED, "number": number}


def _a_trace(world: World, _incident: Incident, choose: Choose) -> Arguments:
    method = choose([TraceMethod.DNS, TraceMethod.WHOIS_ADDRESS, TraceMethod.BGP])
    return {"method": method, "country": choose(["NL", "US"]), "provider": "Example Hosting", "at": world.now}


def _a_check(world: World, _incident: Incident, choose: Choose) -> Arguments:
    return {"outcome": choose([CheckOutcome.GONE, CheckOutcome.ONLINE, CheckOutcome.UNCLEAR]), "at": world.now}


def _a_clearance(world: World, _incident: Incident, choose: Choose) -> Arguments:
    answer = choose([Clearance.GRANTED, Clearance.REFUSED])
    return {"answer": answer, "answered_on": world.now.date(), "reference": "File 12/26"}


def _one_recipient(_world: World, _incident: Incident, choose: Choose) -> Arguments:
    return {"kind": choose([RecipientKind.HOST, RecipientKind.POLICE]), "name": "Example Office", "reason": "Asked to."}


def _steps(_world: World, _incident: Incident, choose: Choose) -> Arguments:
    steps = choose(
        [
            [RouteStep.NOTICE_HOST],
            [RouteStep.NOTICE_HOST, RouteStep.URL_LIST],
            [RouteStep.POLICE_HOLD, RouteStep.NOTICE_HOST_LATER],
        ]
    )
    return {"steps": steps, "reason": "As agreed."}


def _whole_address(_world: World, incident: Incident, _choose: Choose) -> Arguments | None:
    opened = contents.unseal_address(incident)
    return {"address": opened.normalised} if opened else None


def _an_office(_world: World, _incident: Incident, choose: Choose) -> Arguments | None:
    known = list(Recipient.objects.order_by("name"))
    return {"to": choose(known)} if known else None


def _a_notice(_world: World, _by: User, choose: Choose) -> Arguments | None:
    notices = list(Notice.objects.order_by("made_at", "reference"))
    return {"notice": choose(notices)} if notices else None


def _a_review_day(world: World, _incident: Incident, _choose: Choose) -> Arguments:
    return {"reason": HoldReason.POLICE, "review_on": world.now.date() + timedelta(days=30), "note": "File 12/26"}


def _a_move(world: World, _by: User, choose: Choose) -> Arguments:
    verb = choose([Verb.RESTRICT, Verb.SUSPEND, Verb.LAUNCH])
    return {"portal": choose(world.portals), "verb": verb, "reason": "A test."}


VERBS: tuple[VerbRow, ...] = (
    VerbRow(assessment.claim_next, _nothing),
    VerbRow(assessment.claim, _of_incident()),
    VerbRow(assessment.assess, _of_incident(_a_decision)),
    VerbRow(assessment.renew, _of_incident(_with_fence)),
    VerbRow(assessment.skip, _of_incident(_with_fence)),
    VerbRow(assessment.release, _of_incident(_with_fence)),
    VerbRow(assessment.hand_over, _of_incident(_to_colleague)),
    VerbRow(assessment.undo, _of_incident(_an_assessment)),
    VerbRow(assessment.merge, _of_incident(_another_incident)),
    VerbRow(assessment.split, _of_incident(_a_report)),
    VerbRow(assessment.close, _of_incident()),
    VerbRow(assessment.reopen, _of_incident()),
    VerbRow(assessment.ask_reporter, _of_incident(_a_question)),
    VerbRow(assessment.read_answers, _of_incident()),
    VerbRow(assessment.draw_sample, _a_flood),
    VerbRow(assessment.close_flood, _sample_and_decision),
    VerbRow(assessment.ask_approval, _sample_and_decision),
    VerbRow(assessment.approve_closing, _sample_alone),
    VerbRow(assessment.undo_flood, _a_closing),
    VerbRow(assessment.fold_flood, _what_waits_alike),
    VerbRow(assessment.unfold_flood, _a_flood),
    VerbRow(viewing.record_reveal, _of_incident(lambda *_: {"reason": RevealReason.SAMPLE})),
    VerbRow(viewing.view_incident, _of_incident(lambda *_: {"revealed": False})),
    VerbRow(incidents.add_note, _of_incident(lambda *_: {"text": "Looked at it twice."})),
    VerbRow(
        retention.place_hold,
        _of_incident(
            lambda world, *_: {
                "reason": HoldReason.POLICE,
                "review_on": world.now.date() + timedelta(days=30),
                "note": "File 12/26",
            }
        ),
        roles=frozenset({Role.SENIOR}),
    ),
    VerbRow(retention.release_hold, _of_incident(), roles=frozenset({Role.SENIOR})),
    VerbRow(tracing.trace, _of_incident(_a_trace)),
    VerbRow(routing.confirm_route, _of_incident(_steps)),
    VerbRow(routing.refer, _of_incident(_one_recipient)),
    VerbRow(routing.ask_police, _of_incident()),
    VerbRow(routing.record_clearance, _of_incident(_a_clearance)),
    VerbRow(chasing.check, _of_incident(_a_check)),
    VerbRow(chasing.escalate, _of_incident(_an_office)),
    VerbRow(redaction_review.confirm_redaction, _of_incident(_whole_address)),
    VerbRow(url_list.list_address, _of_incident()),
    VerbRow(url_list.keep_listed, _of_incident()),
    VerbRow(url_list.take_off, _of_incident(lambda *_: {"reason": OffReason.NOT_THERE})),
    VerbRow(manual_actions.send_now, _a_notice),
    VerbRow(manual_actions.cancel, _a_notice),
    VerbRow(manual_actions.try_again, _a_notice),
    VerbRow(welfare.take_break, _nothing),
    VerbRow(welfare.go_on, _nothing),
    VerbRow(lifecycle.transition_portal, _a_move, roles=OPERATORS),
)
