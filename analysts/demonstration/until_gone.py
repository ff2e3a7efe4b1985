"""The demonstration's takedowns: traces, routes, notices, replies and checks from verdict to removal."""

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from functools import partial
from itertools import cycle
from uuid import UUID

from django.utils import timezone

from analysts.assessment import actions
from analysts.codes import Closing, Role
from analysts.models import (
    Channel,
    CheckOutcome,
    Clearance,
    Incident,
    IncidentKind,
    Notice,
    NoticeState,
    PoliceHold,
    Recipient,
    RecipientAccess,
    RecipientKind,
    Reply,
    RouteStep,
    TraceMethod,
    User,
)
from analysts.states import State
from analysts.takedown.chasing import run
from analysts.takedown.chasing.actions import check
from analysts.takedown.facts import redaction
from analysts.takedown.notices import sending
from analysts.takedown.notices.redaction_review import check_can_confirm, confirm_redaction
from analysts.takedown.notices.replies import intake as answers
from analysts.takedown.notices.replies import links as reply_links
from analysts.takedown.notices.replies.actions import read_replies
from analysts.takedown.recipients.actions import add_recipient, change_recipient, verify
from analysts.takedown.routing.actions import confirm_route, record_clearance, refer
from analysts.takedown.routing.rules import propose_route
from analysts.takedown.tracing.actions import trace
from audit.permissions import is_allowed
from reports import notice_answers, notice_links
from reports.addresses.identifying import find_identifying_parts
from reports.notices import (
    NOTHING_DECIDED,
    Answerer,
    AnswerKind,
    DecisionGround,
    RecipientAction,
    RecipientAnswer,
    RecipientDecision,
)

type Act = Callable[[datetime], None]

# Hosting countries, with provider and network.
PLACES = {
    "GB": ("Example Hosting", "AS64496 Example Hosting"),
    "DE": ("Placeholder Networks", "AS64497 Placeholder Networks"),
    "US": ("Example Cloud", "AS64498 Example Cloud"),
    "BZ": ("Sample Servers", "AS64499 Sample Servers"),
}
# Fates of successive incidents: hosting country, and days from the first notice to removal (None: never removed).
FATES = (
    *(("GB", 3), ("US", None), ("DE", 2), ("GB", 0.6), ("BZ", 1), ("GB", None)),
    *(("DE", 0.3), ("US", 12), ("BZ", 5), ("GB", 9), ("US", 1), ("DE", 5)),
)
# The range belongs to no telephone.
PHONE = "+44 1632 960001"
OFFICE = {"works_from": time(9), "works_until": time(17), "workdays": [0, 1, 2, 3, 4]}
# Contact details that one operator enters and another verifies. An empty name: the catalogue's recipient.
VERIFIED: tuple[tuple[RecipientKind, str, str, dict[str, object]], ...] = (
    (RecipientKind.HOST, "Example Hosting", "GB", {"time_zone": "Europe/London"}),
    (RecipientKind.HOST, "Placeholder Networks", "DE", {"time_zone": "Europe/Berlin", "defang": True, **OFFICE}),
    (RecipientKind.HOST, "Example Cloud", "US", {"channel": Channel.LINK, "form_address": "https://example.com/abuse"}),
    (RecipientKind.POLICE, "Example Police", "GB", {"time_zone": "Europe/London", "phone": PHONE, **OFFICE}),
    (RecipientKind.POLICE, "", "BZ", {"time_zone": "America/Belize", "phone": PHONE}),
    (RecipientKind.HOTLINE, "", "DE", {"time_zone": "Europe/Berlin"}),
    (RecipientKind.HOTLINE, "", "US", {"time_zone": "America/New_York"}),
)
# The recipient whose inbox the account of the role opens.
INBOX = "Example Police"
EXHAUSTED_AFTER = timedelta(days=14)
HOURS_BETWEEN_LOOKS = (20, 40)
CLEARANCES = (*3 * [Clearance.GRANTED], Clearance.REFUSED, *6 * [Clearance.GRANTED])
LAW, TERMS = DecisionGround.LAW, DecisionGround.TERMS
ANSWERS: tuple[tuple[AnswerKind, RecipientDecision], ...] = (
    (AnswerKind.ACKNOWLEDGED, NOTHING_DECIDED),
    (AnswerKind.REMOVED, NOTHING_DECIDED),
    (AnswerKind.REMOVED, RecipientDecision(RecipientAction.REMOVED, LAW, is_automated=False, redress_told=True)),
    (AnswerKind.NOT_OURS, NOTHING_DECIDED),
    (AnswerKind.NEED_MORE, NOTHING_DECIDED),
    (AnswerKind.DECIDED, RecipientDecision(RecipientAction.BLOCKED, LAW)),
    (AnswerKind.REMOVED, RecipientDecision(RecipientAction.ACCOUNT_CLOSED, TERMS, is_automated=True)),
    (AnswerKind.DECIDED, RecipientDecision(RecipientAction.NO_ACTION, LAW, is_automated=False, redress_told=False)),
)


def open_inbox(recipient: Recipient) -> None:
    """Bind the demonstration's account of a recipient."""
    administrator = User.objects.filter(role=Role.ADMINISTRATOR).order_by("username").first()
    officer = User.objects.filter(role=Role.RECIPIENT).first()
    if administrator and officer:
        today = timezone.now().date()
        RecipientAccess.objects.create(
            user=officer, recipient=recipient, confirmed_on=today, confirmed_by=administrator
        )


@dataclass(frozen=True, slots=True)
class TakedownCase:
    """An illegal incident and its planned fate. `days_online`: None if it is never removed."""

    pk: UUID
    by: User
    country: str
    days_online: float | None


class UntilGone:
    """Plans the takedown of incidents. `plan` schedules an act; acts later than now are skipped."""

    def __init__(self, plan: Callable[[datetime, Act], None], chance: random.Random) -> None:
        self.plan = plan
        self.chance = chance
        # In turn rather than at random, so that a small demonstration also shows all of them.
        self.fates, self.clearances, self.answers = cycle(FATES), cycle(CLEARANCES), cycle(ANSWERS)
        self.hosts_are_quick = cycle((True, False, False))
        self.posted: set[UUID] = set()

    # --- Recipients ---------------------------------------------------------------------------------

    def know(self, when: datetime) -> None:
        """Enter recipients as one operator and verify them as the other."""
        by, other = User.objects.filter(role=Role.OPERATOR).order_by("username")[:2]
        for kind, name, country, details in VERIFIED:
            reached = {"email": f"{kind}.{country.lower()}@example.org", "languages": ["en"], **details}
            existing = Recipient.objects.filter(kind=kind, country=country).exclude(kind=RecipientKind.HOST).first()
            if existing is None or name:
                whole = {"kind": kind, "name": name or f"{kind.label} {country}", "country": country, **reached}
                recipient = add_recipient(by=by, details=whole, now=when)
            else:
                recipient = change_recipient(by=by, recipient=existing, details=reached, now=when)
            verify(by=other, recipient=recipient, digest_on_page=recipient.value_digest(), now=when)
            if name == INBOX:
                open_inbox(recipient)

    # --- One incident -------------------------------------------------------------------------------

    def begin(self, pk: UUID, by: User, when: datetime) -> None:
        case = TakedownCase(pk, by, *next(self.fates))
        if Incident.objects.get(pk=pk).kind == IncidentKind.WORDS:
            self.later(when, (0.5, 12), lambda at: self.tell_of_words(case, at))
        else:
            self.later(when, (0.2, 6), lambda at: self.trace(case, at))

    def tell_of_words(self, case: TakedownCase, when: datetime) -> None:
        if (incident := self.acted_on(case)) is None:
            return
        name, reason = "Example Police", "By telephone: there is no address."
        refer(by=case.by, incident=incident, kind=RecipientKind.POLICE, name=name, reason=reason, now=when)
        self.later(when, (24, 240), lambda at: self.give_up(case, at))

    def trace(self, case: TakedownCase, when: datetime) -> None:
        provider, network = PLACES[case.country]
        for method in self.chance.sample([method for method in TraceMethod if method != TraceMethod.OTHER], 3):
            if (incident := self.acted_on(case)) is None:
                return
            trace(
                by=case.by,
                incident=incident,
                method=method,
                country=case.country,
                provider=provider,
                network=network,
                ip="192.0.2.7",
                at=when,
                now=when,
            )
        self.later(when, (0.1, 3), lambda at: self.route(case, at))

    def route(self, case: TakedownCase, when: datetime) -> None:
        if (incident := self.acted_on(case)) is None:
            return
        whole = redaction.full_address(incident)
        # After a repeat report the address is shared in the form in which it was sent before.
        may_confirm = is_allowed(check_can_confirm, case.by, incident)
        if may_confirm and (findings := find_identifying_parts(whole)) and self.chance.random() < 0.8:
            shortened = whole
            for finding in reversed(findings):
                shortened = shortened[: finding.start].rstrip("?&") + shortened[finding.end :]
            confirm_redaction(by=case.by, incident=incident, address=shortened, now=when)
        steps, reason = propose_route(incident.known_chases[-1].country, incident.severity).steps, ""
        if RouteStep.POLICE not in steps and RouteStep.POLICE_HOLD not in steps and next(self.hosts_are_quick):
            steps, reason = [*steps, RouteStep.NOTICE_HOST], "This host acts within hours."
        confirm_route(by=case.by, incident=incident, steps=steps, reason=reason, now=when)
        if PoliceHold.objects.waiting().filter(incident=incident).exists():
            self.later(when, (12, 96), lambda at: self.clear(case, at))
        self.post(when)
        self.later(when, HOURS_BETWEEN_LOOKS, lambda at: self.look(case, at))
        self.plan(when + EXHAUSTED_AFTER, lambda at: self.give_up(case, at))

    def clear(self, case: TakedownCase, when: datetime) -> None:
        incident = Incident.objects.get(pk=case.pk)
        if not PoliceHold.objects.waiting().filter(incident=incident).exists():
            return
        answer = next(self.clearances)
        reference = f"EX-{self.chance.randrange(1000, 9999)}"
        record_clearance(
            by=case.by,
            incident=incident,
            answer=answer,
            answered_on=when.date(),
            reference=reference,
            called_back=True,
            now=when,
        )
        self.post(when)

    def look(self, case: TakedownCase, when: datetime) -> None:
        if (incident := self.acted_on(case)) is None:
            return
        noticed_at = incident.known_chases[-1].noticed_at
        is_gone = noticed_at and case.days_online and when - noticed_at > timedelta(days=case.days_online)
        outcome = CheckOutcome.GONE if is_gone else CheckOutcome.ONLINE
        check(by=case.by, incident=incident, outcome=outcome, at=when, now=when)
        self.later(when, HOURS_BETWEEN_LOOKS, lambda at: self.look(case, at))

    def give_up(self, case: TakedownCase, when: datetime) -> None:
        incident = self.acted_on(case)
        if incident is not None and incident.state == State.ACTING:
            actions.close(by=case.by, incident=incident, closing=Closing.EXHAUSTED, now=when)

    # --- Notices --------------------------------------------------------------------------------------

    def day(self, when: datetime) -> None:
        """Run the automatic steps of a day."""
        run.plan_due_notices(now=when)
        self.post(when)

    def post(self, when: datetime) -> None:
        """Plan the sending of each scheduled notice, once."""
        gathering = Notice.objects.filter(state=NoticeState.GATHERING).exclude(pk__in=self.posted)
        for pk, scheduled_at in gathering.values_list("pk", "scheduled_at"):
            self.posted.add(pk)
            self.plan(max(when, scheduled_at), partial(self.send, pk))

    def send(self, pk: UUID, when: datetime) -> None:
        attempt = sending.begin_attempt(pk, now=when)
        if attempt is None:
            self.posted.discard(pk)
            return
        sending.mark_sent(attempt.notice, attempt.letter, by=None, now=when)
        if self.chance.random() < 0.5:
            self.later(when, (1, 30), lambda at: self.answer(attempt.notice, at))

    def answer(self, notice: Notice, when: datetime) -> None:
        credentials = notice_links.derive_link_credentials(reply_links.secret_of(notice.pk))
        if notice.answerer() == Answerer.HOST:
            kind, decision = next(self.answers)
            answer = RecipientAnswer(kind, decision=decision)
        elif self.chance.random() < 0.3:
            answer = RecipientAnswer(AnswerKind.CASE_OPENED, case_number=f"EX-{self.chance.randrange(1000, 9999)}")
        else:
            answer = RecipientAnswer(AnswerKind.ACKNOWLEDGED)
        notice_answers.store_answer(answer, credentials=credentials, now=when)
        answers.take_in(now=when)
        self.later(when, (1, 20), lambda at: self.read(notice, at))

    def read(self, notice: Notice, when: datetime) -> None:
        by = User.objects.filter(role=Role.ANALYST).order_by("username").first()
        for incident in Incident.objects.filter(notice_items__notice=notice, notice_items__dropped=""):
            unread = list(Reply.objects.about(incident).filter(notice=notice, read_at=None).select_related("notice"))
            if by and unread:
                read_replies(by=by, incident=incident, replies=unread, now=when)

    # --- Scheduling -----------------------------------------------------------------------------------

    def later(self, when: datetime, hours: tuple[float, float], act: Act) -> None:
        self.plan(when + timedelta(hours=self.chance.uniform(*hours)), act)

    def acted_on(self, case: TakedownCase) -> Incident | None:
        """The incident; None if it is closed or waits for another verdict."""
        incident = Incident.objects.get(pk=case.pk)
        return incident if incident.state in (State.ASSESSED, State.ACTING) else None
