"""Verbs of the takedown: hosting, route, police, checks, next steps, the URL list, and the isolated workstation."""

from collections.abc import Sequence
from datetime import timedelta

from django.conf import settings
from django.db.models import Exists, OuterRef, Q

from analysts.assessment.actions.appeals import decide_appeal
from analysts.codes import Role
from analysts.codes.appeals import AppealReason, UnseenReason
from analysts.codes.letter_topics import WithdrawReason
from analysts.codes.next_steps import AssignReason
from analysts.codes.recipient_kinds import RecipientKind, RouteStep
from analysts.codes.systemic_cases import SystemicAnswer, SystemicReason
from analysts.handoff import actions as handoff
from analysts.incidents.contents import opening
from analysts.models import (
    AlertReason,
    Appeal,
    Chase,
    CheckOutcome,
    ChildAlert,
    Clearance,
    FeedScope,
    Incident,
    IncidentKind,
    IncidentQuerySet,
    MemberKey,
    PoliceHold,
    Recipient,
    Referral,
    SystemicCase,
    TraceMethod,
    UrlListEntry,
    User,
    Workstation,
)
from analysts.models.notice import DropReason
from analysts.states import State
from analysts.takedown.alerts import actions as alerts
from analysts.takedown.alerts.permissions import contacts_to_alert, recipients_to_alert
from analysts.takedown.appeals import actions as appeals
from analysts.takedown.chasing import actions as chasing
from analysts.takedown.chasing import list_review
from analysts.takedown.next_steps import actions as next_steps
from analysts.takedown.next_steps import permissions as next_step_permissions
from analysts.takedown.notices import redaction_review
from analysts.takedown.routing import actions as routing
from analysts.takedown.routing.rules import propose_route
from analysts.takedown.systemic_cases import actions as systemic_cases
from analysts.takedown.tracing import actions as tracing
from analysts.takedown.url_list import actions as url_list
from analysts.takedown.url_list import members
from analysts.takedown.url_list.entries import EntryDecision, OffReason
from countries.models import Contact
from tests.acts.incidents import OWNERS_APPEAL
from tests.life.rows import ADMINISTRATORS, SENIORS, Arguments, Chance, VerbRow, of_incident, of_row
from tests.life.world import COUNTRIES, PROVIDERS, World

METHODS = (TraceMethod.DNS, TraceMethod.WHOIS_ADDRESS, TraceMethod.BGP)
OPEN = (State.ASSESSED, State.ACTING)


def _chased(**conditions: object) -> Exists:
    return Exists(Chase.objects.filter(incident=OuterRef("pk"), ended_at=None, **conditions))


def _in_takedown(found: IncidentQuerySet, _by: User, _world: World) -> IncidentQuerySet:
    return found.filter(_chased())


def _to_check(found: IncidentQuerySet, _by: User, world: World) -> IncidentQuerySet:
    """First those whose removal waits to be confirmed, because only several checks apart close an incident; then those
    that wait for a look."""
    before = world.now - timedelta(hours=settings.CHECK_HOURS)
    begun = found.filter(_chased(removed_in_a_row__gt=0, checked_at__lte=before))
    unseen = found.filter(_chased(unseen_since__isnull=False))
    return next((rows for rows in (begun, unseen) if rows.exists()), found.filter(_chased()))


def _untraced(found: IncidentQuerySet, _by: User, _world: World) -> IncidentQuerySet:
    untraced = found.filter(_chased(trace=0))
    return untraced if untraced.exists() else found.filter(_chased())


def _unrouted(found: IncidentQuerySet, _by: User, _world: World) -> IncidentQuerySet:
    return found.filter(_chased(trace__gt=0, routed_trace=None))


def _routed(found: IncidentQuerySet, _by: User, _world: World) -> IncidentQuerySet:
    return found.filter(_chased(routed_trace__isnull=False) | Q(kind=IncidentKind.WORDS))


def _notified(found: IncidentQuerySet, _by: User, _world: World) -> IncidentQuerySet:
    return found.filter(_chased(noticed_at__isnull=False, removed_in_a_row=0))


def _asked(found: IncidentQuerySet, _by: User, _world: World) -> IncidentQuerySet:
    return found.filter(Exists(PoliceHold.objects.filter(incident=OuterRef("pk"), answer="")))


def _not_asked(found: IncidentQuerySet, _by: User, _world: World) -> IncidentQuerySet:
    unanswered = PoliceHold.objects.filter(incident=OuterRef("pk"), answer="")
    return found.filter(_chased(trace__gt=0)).exclude(Exists(unanswered))


def _unconfirmed(found: IncidentQuerySet, _by: User, _world: World) -> IncidentQuerySet:
    left_out = found.filter(notice_items__dropped=DropReason.UNCONFIRMED).distinct()
    return left_out if left_out.exists() else found.filter(_chased(), redaction=None)


def _listed(found: IncidentQuerySet, _by: User, _world: World) -> IncidentQuerySet:
    return found.filter(Exists(UrlListEntry.objects.filter(incident=OuterRef("pk"), removed_on=None)))


def _a_trace(world: World, incident: Incident, chance: Chance) -> Arguments:
    """The other methods, mostly: three methods that agree are a hosting."""
    number = incident.pk.int + (chance.is_one_of(8))
    known = set(incident.traces.values_list("method", flat=True))
    left = [method for method in METHODS if method not in known]
    country, provider = COUNTRIES[number % len(COUNTRIES)], PROVIDERS[number // 7 % len(PROVIDERS)]
    place = {"country": country, "provider": provider, "ip": chance.choose(["", "192.0.2.7", "2001:db8::7"])}
    return {"method": chance.choose(left or METHODS), **place, "at": world.now}


def _some_traces(world: World, incident: Incident, chance: Chance) -> Arguments:
    one = dict(_a_trace(world, incident, chance))
    methods = {one.pop("method"), *chance.choose([[], METHODS])}
    return {**one, "methods": sorted(methods)}


def _an_owner(_world: World, incident: Incident, chance: Chance) -> Arguments:
    owners = list(next_step_permissions.possible_owners(incident))
    return {"owner": chance.choose([None, *owners]), "reason": chance.choose([*AssignReason])}


def _a_decision(_world: World, _incident: Incident, chance: Chance) -> Arguments:
    return {"decision": chance.choose([*EntryDecision])}


def _a_check(world: World, incident: Incident, chance: Chance) -> Arguments:
    """Now or some time earlier, mostly since the verdict."""
    is_unseen = Chase.objects.filter(incident=incident, ended_at=None, unseen_since__isnull=False).exists()
    usual = CheckOutcome.ONLINE if is_unseen else CheckOutcome.GONE
    outcome = chance.choose([*[usual] * 4, CheckOutcome.ONLINE, CheckOutcome.UNCLEAR])
    at = world.now - timedelta(hours=chance.choose([0, 0, 12, 24, 36]))
    chase = Chase.objects.filter(incident=incident, ended_at=None).first()
    return {"outcome": outcome, "at": at if chase is None or chance.is_one_of(8) else max(at, chase.since)}


def _a_clearance(world: World, _incident: Incident, chance: Chance) -> Arguments:
    given = chance.choose([*Clearance])
    called_back = not chance.is_one_of(8)
    return {
        "answer": given,
        "answered_on": world.now.date(),
        "reference": "File 12/26",
        "called_back": called_back,
    }


def _one_recipient(_world: World, _incident: Incident, chance: Chance) -> Arguments:
    kind = chance.choose([RecipientKind.HOST, RecipientKind.POLICE, RecipientKind.HOTLINE, RecipientKind.REGISTRAR])
    known = chance.row(Recipient.objects.filter(kind=kind))
    name = f"Example {kind.label}" if known is None or chance.is_one_of(4) else known
    return {"kind": kind, "name": name, "reason": "Asked to."}


def _steps(_world: World, incident: Incident, chance: Chance) -> Arguments:
    chase = Chase.objects.filter(incident=incident, ended_at=None).first()
    proposed: Sequence[RouteStep] = propose_route(chase.country).steps if chase else []
    others = [
        [RouteStep.NOTICE_HOST],
        [RouteStep.NOTICE_HOST, RouteStep.URL_LIST],
        [RouteStep.POLICE_HOLD, RouteStep.NOTICE_HOST],
    ]
    steps = list(proposed) if proposed and not chance.is_one_of(3) else chance.choose(others)
    recipients = {RecipientKind.POLICE: "Example Police", RecipientKind.HOTLINE: "Example Hotline"}
    return {"steps": steps, "reason": "As agreed.", "recipients": recipients}


def _police(_world: World, _incident: Incident, _chance: Chance) -> Arguments:
    return {"police": "Example Police"}


def _an_office(_world: World, _incident: Incident, chance: Chance) -> Arguments | None:
    known = Recipient.objects.all()
    to = chance.row(known if chance.is_wild else known.filter(closed_on=None, verified_on__isnull=False))
    return None if to is None else {"to": to}


def _whole_address(_world: World, incident: Incident, _chance: Chance) -> Arguments | None:
    opened = opening.unseal_address(incident)
    return {"address": opened.normalised} if opened else None


def _a_next_step(world: World, incident: Incident, chance: Chance) -> Arguments:
    offered = next_step_permissions.offered_steps(incident.police_holds.last())
    owners = list(next_step_permissions.possible_owners(incident))
    review_on = (world.now + timedelta(days=chance.choose([1, 14, 90]))).date()
    return {"step": chance.choose(offered), "review_on": review_on, "owner": chance.choose([None, *owners])}


def _a_workstation(_world: World, _by: User, chance: Chance) -> Arguments:
    name = f"Room {chance.random.randrange(10**6)}"
    return {"name": name, "public_key": chance.random.randbytes(32), "sealing_key": b""}


def _a_member(world: World, _by: User, chance: Chance) -> Arguments:
    scope = chance.choose([FeedScope.HASHES, FeedScope.HASHES, FeedScope.ADDRESSES])
    return {"member": "Example Search", "scope": scope, "expires_on": world.now.date() + timedelta(days=90)}


KEEPERS = frozenset({Role.OPERATOR, Role.SENIOR})


def _was_illegal(found: IncidentQuerySet, _by: User, _world: World) -> IncidentQuerySet:
    return found.filter(Exists(Chase.objects.filter(incident=OuterRef("pk"))))


def _appealed_to(found: IncidentQuerySet, by: User, _world: World) -> IncidentQuerySet:
    return found.filter(pk__in=Appeal.objects.waiting().open_to(by).values("incident"))


def _an_appeal_decision(_world: World, incident: Incident, chance: Chance) -> Arguments | None:
    appeal = chance.row(Appeal.objects.filter(incident=incident))
    if appeal is None:
        return None
    unseen = chance.choose(["", *UnseenReason])
    return {"appeal": appeal, "reason": chance.choose(list(AppealReason)), "unseen_reason": unseen}


def _a_systemic_reason(_world: World, _incident: Incident, chance: Chance) -> Arguments | None:
    return {"reason": chance.choose([*SystemicReason])}


def _a_systemic_answer(_world: World, _incident: Incident, chance: Chance) -> Arguments | None:
    return {"answer": chance.choose([*SystemicAnswer])}


def _has_systemic_case(found: IncidentQuerySet, _by: User, _world: World) -> IncidentQuerySet:
    return found.filter(pk__in=SystemicCase.objects.waiting().values("incident"))


def _in_danger(found: IncidentQuerySet, _by: User, _world: World) -> IncidentQuerySet:
    return found.filter(child_in_danger=True)


def _a_call(_world: World, incident: Incident, chance: Chance) -> Arguments | None:
    contacts = Contact.objects.all() if chance.is_wild else contacts_to_alert(incident)
    recipients = Recipient.objects.all() if chance.is_wild else recipients_to_alert(incident)
    to: Contact | Recipient | None = chance.row(contacts) if chance.is_one_of(2) else chance.row(recipients)
    affirmed = not chance.is_one_of(6)
    return None if to is None else {"to": to, "not_the_danger": affirmed, "reason": AlertReason.NOW}


def _standing_alerts(found: IncidentQuerySet, _by: User, _world: World) -> IncidentQuerySet:
    return found.filter(pk__in=ChildAlert.objects.filter(withdrawn_reason="").values("incident"))


def _an_alert(_world: World, incident: Incident, chance: Chance) -> Arguments | None:
    alert = chance.row(ChildAlert.objects.filter(incident=incident))
    return None if alert is None else {"alert": alert, "reason": chance.choose([*WithdrawReason])}


def _a_referral(_world: World, incident: Incident, chance: Chance) -> Arguments | None:
    referral = chance.row(Referral.objects.filter(incident=incident, to__isnull=False))
    return None if referral is None else {"referral": referral, "reason": chance.choose([*WithdrawReason])}


def _alerted(found: IncidentQuerySet, _by: User, _world: World) -> IncidentQuerySet:
    return found.filter(pk__in=ChildAlert.objects.filter(seen_at=None).values("incident"))


def _wrongly_alerted(found: IncidentQuerySet, _by: User, _world: World) -> IncidentQuerySet:
    return found.filter(pk__in=ChildAlert.objects.to_correct().values("incident"))


ROWS: tuple[VerbRow, ...] = (
    VerbRow(alerts.tell_police_now, of_incident(State.WAITING, State.CLAIMED, more=_a_call, where=_in_danger), often=3),
    VerbRow(alerts.see_alerts, of_incident(where=_alerted), roles=SENIORS),
    VerbRow(alerts.correct_alerts, of_incident(where=_wrongly_alerted)),
    VerbRow(alerts.withdraw_alert, of_incident(more=_an_alert, where=_standing_alerts), often=1),
    VerbRow(
        appeals.file_appeal,
        of_incident(more=lambda *_: OWNERS_APPEAL, where=_was_illegal),
    ),
    VerbRow(decide_appeal, of_incident(more=_an_appeal_decision, where=_appealed_to), roles=SENIORS, often=6),
    VerbRow(systemic_cases.send_systemic_case, of_incident(more=_a_systemic_reason), often=1),
    VerbRow(
        systemic_cases.answer_systemic_case,
        of_incident(more=_a_systemic_answer, where=_has_systemic_case),
        roles=SENIORS,
    ),
    VerbRow(tracing.trace, of_incident(more=_a_trace, where=_untraced), often=24),
    VerbRow(tracing.trace_by_methods, of_incident(more=_some_traces, where=_untraced), often=6),
    VerbRow(routing.confirm_route, of_incident(more=_steps, where=_unrouted), often=14),
    VerbRow(routing.refer, of_incident(*OPEN, more=_one_recipient, where=_routed), often=3),
    VerbRow(routing.withdraw_referral, of_incident(*OPEN, more=_a_referral, where=_routed), often=1),
    VerbRow(routing.ask_police, of_incident(more=_police, where=_not_asked), often=2),
    VerbRow(routing.record_clearance, of_incident(more=_a_clearance, where=_asked), often=6),
    VerbRow(chasing.check, of_incident(more=_a_check, where=_to_check), often=14),
    VerbRow(chasing.ask_for_check, of_incident(where=_in_takedown), often=1),
    VerbRow(chasing.escalate, of_incident(more=_an_office, where=_notified), often=3),
    VerbRow(next_steps.plan_next_step, of_incident(*OPEN, more=_a_next_step), often=3),
    VerbRow(next_steps.assign_incident, of_incident(*OPEN, more=_an_owner), often=2),
    VerbRow(redaction_review.confirm_redaction, of_incident(more=_whole_address, where=_unconfirmed)),
    VerbRow(url_list.list_address, of_incident(more=None, where=_in_takedown), often=3),
    VerbRow(url_list.keep_listed, of_incident(where=_listed), often=1),
    VerbRow(list_review.review_entry, of_incident(more=_a_decision, where=_listed), often=2),
    VerbRow(url_list.take_off, of_incident(more=lambda *_: {"reason": OffReason.NOT_THERE}, where=_listed), often=1),
    VerbRow(members.make_key, _a_member, roles=KEEPERS, often=1),
    VerbRow(
        members.close_key, of_row("key", lambda by, world: MemberKey.objects.filter(closed_on=None)), KEEPERS, often=1
    ),
    VerbRow(handoff.register_workstation, _a_workstation, ADMINISTRATORS, often=1),
    VerbRow(
        handoff.close_workstation,
        of_row("workstation", lambda by, world: Workstation.objects.filter(closed_on=None)),
        ADMINISTRATORS,
        often=1,
    ),
)
