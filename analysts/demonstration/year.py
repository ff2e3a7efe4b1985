"""The demonstration's year: reports, assessments and takedowns.

The first and last weeks are created with the normal actions; the time between is filled with copies of the first weeks'
cases (`copies`).
"""

import heapq
import math
import random
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from functools import partial
from itertools import count, cycle
from uuid import UUID

from django.utils import timezone

from analysts.assessment import actions, publishing
from analysts.assessment.intake import run as intake
from analysts.codes import (
    AgeBand,
    Commerciality,
    ContentKind,
    Flag,
    FoundOn,
    Reason,
    Role,
    Severity,
    Sex,
    SiteType,
    Verdict,
    VerdictBasis,
)
from analysts.demonstration.copies import copy_finished_cases
from analysts.demonstration.earlier_figures import take_over_figures
from analysts.demonstration.invented_words import HOSTS, NAMES_ADDRESS, PATHS, WORDS_ONLY, WRITTEN, invent_details
from analysts.demonstration.until_gone import UntilGone
from analysts.incidents import permissions
from analysts.models import Incident, Report, User
from analysts.states import State
from analysts.welfare import actions as welfare_actions
from analysts.welfare import viewing
from audit.permissions import Denied, is_allowed
from countries.public import published
from reports import actions as public_actions
from reports import receipts
from reports.models import SubmissionKind
from reports.sealing import JSON

# The share of second reviews that agree on the category.
AGREEMENT = 0.85
# Minutes from reveal to decision (least, most), and the share of decisions followed by a break.
MINUTES_OF_A_LOOK = (1, 6)
BREAKS = 0.15
REPORTS = 300
DAYS = 365
# The share of reports received in the last days, at least two, so that the queue is not empty. Each takes half a
# second.
RECENT = 0.08
RECENT_DAYS = 3
# The shares of the other reports received in the first days and in the last weeks.
FIRST, LAST = 0.06, 0.05
FIRST_DAYS = 10
LAST_DAYS = 28
# Ages in hours of the unassessed reports of a child in danger now.
IN_DANGER_HOURS_AGO = (1, 3, 8)

VERDICTS = (
    *(Verdict.ILLEGAL, Verdict.NOT_ILLEGAL, Verdict.ILLEGAL, Verdict.OUTSIDE_REMIT),
    *(Verdict.ILLEGAL, Verdict.NOT_ASSESSED, Verdict.ILLEGAL),
)


def live_a_year(
    *,
    reports: int = REPORTS,
    now: datetime | None = None,
    seed: int = 1,
    tell_percent: Callable[[int], object] = lambda percent: None,
) -> int:
    """Create and process `reports` reports over the DAYS days up to `now`; return the number of incidents.

    An act that a person at the demonstration meanwhile made impossible is left out.
    """
    now = now or timezone.now()
    year = _Year(reports, now, random.Random(seed), tell_percent)  # noqa: S311 - made-up reports, no secret
    year.run()
    take_over_figures(portals=year.portals, now=now, chance=year.chance, until=now.date() - timedelta(days=RECENT_DAYS))
    return Incident.objects.count()


class _Year:
    """A queue of acts in order of time, so that the audit log reads like a real one."""

    def __init__(
        self, reports: int, now: datetime, chance: random.Random, tell_percent: Callable[[int], object]
    ) -> None:
        self.reports = reports
        self.tell_percent = tell_percent
        # The reports that are made by the normal actions.
        self.planned, self.received = 0, 0
        self.now = now
        self.chance = chance
        self.portals = [portal for portal in published.portals_by_slug().values() if portal.texts]
        self.workers = list(User.objects.filter(role__in=[Role.ANALYST, Role.SENIOR]).order_by("role"))
        self.order = count(1)
        # Seven digits, in one address each (`copies`).
        self.numbers = map(str, chance.sample(range(1_000_000, 10_000_000), 10 * reports + 100))
        self.acts: list[tuple[datetime, int, Callable[[datetime], None]]] = []
        self.known: list[str] = []
        self.paths, self.verdicts, self.names_address = cycle(PATHS), cycle(VERDICTS), cycle(NAMES_ADDRESS)
        self.until_gone = UntilGone(self._plan, chance)

    def run(self) -> None:
        begin, last_weeks = self.now - timedelta(days=DAYS), self.now - timedelta(days=LAST_DAYS)
        recent = max(math.ceil(self.reports * RECENT), min(self.reports, 2))
        first, last = (math.ceil((self.reports - recent) * share) for share in (FIRST, LAST))
        self.planned = first + last + recent + len(IN_DANGER_HOURS_AGO)
        self._plan(begin, self.until_gone.know)
        self._plan_reports(first, begin, begin + timedelta(days=FIRST_DAYS))
        finished = self._live(begin)
        publishing.publish_outcomes(now=finished)
        copied = self.reports - recent - first - last
        copy_finished_cases(reports=copied, since=finished, until=last_weeks, numbers=self.numbers, chance=self.chance)
        self._plan_reports(last, last_weeks, self.now)
        self._plan_reports(recent, self.now - timedelta(days=RECENT_DAYS), self.now)
        for hours in IN_DANGER_HOURS_AGO:
            self._plan(self.now - timedelta(hours=hours), lambda when: self._report(when, in_danger=True))
        self._live(last_weeks)
        # So that some incidents are in review.
        for by in self.workers:
            with suppress(Denied):
                actions.claim_next(by=by, now=self.now)
        publishing.publish_outcomes(now=self.now)

    def _plan_reports(self, reports: int, since: datetime, until: datetime) -> None:
        for _ in range(reports):
            self._plan(since + (until - since) * self.chance.random(), self._report)

    def _live(self, when: datetime) -> datetime:
        """Run planned acts from `when` until none is left; return the time of the last one."""
        self._plan(when + timedelta(days=1), self._day)
        while self.acts:
            when, _, act = heapq.heappop(self.acts)
            with suppress(Denied):
                act(when)
        return when

    def _day(self, when: datetime) -> None:
        self.until_gone.day(when)
        if self.acts:
            self._plan(when + timedelta(days=1), self._day)

    def _plan(self, when: datetime, act: Callable[[datetime], None]) -> None:
        """Schedule `act`; skip it if `when` is not before now."""
        if when < self.now:
            heapq.heappush(self.acts, (when, next(self.order), act))

    def _later(self, when: datetime, days: tuple[float, float], act: Callable[[datetime], None]) -> None:
        self._plan(when + timedelta(days=self.chance.uniform(*days)), act)

    def _report(self, when: datetime, *, in_danger: bool = False) -> None:
        self.tell_percent(100 * self.received // self.planned)
        self.received += 1
        portal = self.chance.choice(self.portals)
        language = self.chance.choice(portal.languages)
        credentials = receipts.derive_credentials(receipts.code_from_nonce(self.chance.randbytes(receipts.NONCE_BYTES)))
        payloads: list[tuple[SubmissionKind, dict[str, JSON]]] = [(SubmissionKind.REPORT, {"addresses": self._text()})]
        if in_danger or self.chance.random() < 0.5:
            payloads.append((SubmissionKind.DETAILS, invent_details(self.chance, in_danger=in_danger)))
        for kind, payload in payloads:
            public_actions.store_submission(
                credentials=credentials,
                kind=kind,
                payload=payload,
                portal=portal,
                language=language,
                now=when,
            )
        intake.take_in(now=when)
        report = Report.objects.get(pk=credentials.receipt_id)
        for sighting in report.sightings.select_related("incident"):
            if sighting.incident.state == State.WAITING:
                self._later(when, (0.5, 4), partial(self._assess, sighting.incident_id))

    def _text(self) -> str:
        if not next(self.names_address):
            return self.chance.choice(WORDS_ONLY)
        if self.known and self.chance.random() < 0.12:
            return self.chance.choice(self.known)
        place = f"{self.chance.choice(HOSTS)}/{next(self.paths).format(n=next(self.numbers))}"
        text = self.chance.choice(WRITTEN).format(place, place)
        self.known.append(text)
        return text

    def _assess(self, pk: UUID, when: datetime) -> None:
        incident = Incident.objects.get(pk=pk)
        if incident.state != State.WAITING:
            return
        able = [worker for worker in self.workers if is_allowed(permissions.check_can_claim, worker, incident)]
        if not able:
            return
        # Prefer analysts: the senior decides as the third person where two reviews disagree.
        by = self.chance.choice([worker for worker in able if worker.role == Role.ANALYST] or able)
        incident = actions.claim(by=by, incident=incident, now=when)
        viewing.view_incident(by=by, incident=incident, revealed=False, now=when)
        viewing.record_reveal(by=by, incident=incident, now=when)
        looks = timedelta(minutes=self.chance.uniform(*MINUTES_OF_A_LOOK))
        self._plan(when + looks, lambda at: self._decide(pk, by, at))

    def _decide(self, pk: UUID, by: User, when: datetime) -> None:
        incident = Incident.objects.get(pk=pk)
        earlier = incident.assessments.in_force().filter(round=incident.round).first()
        if earlier and self.chance.random() < AGREEMENT:
            verdict, severity = Verdict(earlier.verdict), earlier.severity
        else:
            verdict = next(self.verdicts)
            severity = self.chance.choice(list(Severity)[:3]) if verdict == Verdict.ILLEGAL else ""
        illegal = verdict == Verdict.ILLEGAL
        actions.assess(
            by=by,
            incident=incident,
            fence=incident.fence,
            verdict=verdict,
            basis=VerdictBasis.SEEN,
            severity=severity,
            age_band=self.chance.choice(list(AgeBand)) if illegal else "",
            sex=self.chance.choice(list(Sex)) if illegal else "",
            site_type=self.chance.choice(list(SiteType)),
            commerciality=self.chance.choice(list(Commerciality)),
            content_kind=self.chance.choice(list(ContentKind)),
            found_on=self.chance.choice(list(FoundOn)),
            flags=[self.chance.choice(list(Flag))] if illegal and self.chance.random() < 0.3 else [],
            reason="" if illegal else self.chance.choice(_reasons_for(verdict)),
            # A few minutes of exposure, so that the welfare lead's page has data.
            now=min(when + timedelta(minutes=self.chance.uniform(1, 6)), self.now),
        )
        if self.chance.random() < BREAKS:
            welfare_actions.take_break(by=by, now=when)
        incident.refresh_from_db()
        if incident.state == State.WAITING:
            self._later(when, (0.1, 1), lambda at: self._assess(pk, at))
        elif incident.state == State.ASSESSED:
            self.until_gone.begin(pk, by, when)


def _reasons_for(verdict: Verdict) -> list[Reason]:
    match verdict:
        case Verdict.NOT_ASSESSED:
            return [
                Reason.CONTENT_NOT_FOUND,
                Reason.SITE_DOWN,
                Reason.PASSWORD_PROTECTED,
                Reason.LINK_EXPIRED,
            ]
        case Verdict.OUTSIDE_REMIT:
            return [Reason.ADULT, Reason.OTHER]
        case _:
            return [Reason.BELOW_THRESHOLD, Reason.NOT_SEXUALISED, Reason.AGE_UNCLEAR]
