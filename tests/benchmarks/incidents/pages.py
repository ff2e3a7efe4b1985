"""Waiting times of an analyst: pages requested in this process, on the real database; milliseconds and queries.

Beside them a calibration: bare Django's form, also in process (`tests.benchmarks.bare.in_process`), asked once after
each request, on the same processor. So it finds the processor's caches as a page does in a worker that serves others,
and not as in a loop of its own, which takes half the time.
"""

import gc
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cache, partial
from statistics import median, quantiles
from time import perf_counter

from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from analysts.accounts.sign_in.adapters import Backend
from analysts.assessment import actions
from analysts.assessment.flood.groups import flood_groups
from analysts.assessment.forms import ChosenFilters, View
from analysts.assessment.intake.spellings import sightings_of
from analysts.assessment.queue.filters import filter_queue
from analysts.assessment.queue.views import ROWS_PER_PAGE
from analysts.assessment.related.relations import find_related
from analysts.codes import Closing, IncidentKind, ReviewStage, UndoReason
from analysts.incidents.table import MOST_COUNTED
from analysts.models import Assessment, Incident, Report, User
from analysts.states import State
from countries.models import Portal
from tests.acts import verdicts
from tests.benchmarks import processes
from tests.benchmarks.bare_process import BareProcess
from tests.benchmarks.incidents import shown
from tests.benchmarks.incidents.claimers import end_danger
from tests.rig.fixtures import client_of

RUNS = 30
WARM_UP = 3
CLOSED_ILLEGAL = {"state": "closed", "verdict": "illegal"}
LAST_PAGE = MOST_COUNTED // ROWS_PER_PAGE


@dataclass(frozen=True, slots=True)
class PageTiming:
    """`cpu_ms`: the processor's time, in this process and in PostgreSQL's; `bare_ms`: that of bare Django's form
    between these requests, the median; `queries`: of one run; `is_page`: of what a browser opens, not of an action.
    """

    what: str
    by: str
    median_ms: float
    p95_ms: float
    cpu_ms: float
    bare_ms: float
    queries: int
    is_page: bool


@cache
def _bare_process() -> BareProcess:
    bare = BareProcess()
    bare.measure()
    return bare


def measure_bare_loop() -> float:
    """Milliseconds of processor time of bare Django's form, asked hundreds of times in a row."""
    return _bare_process().measure()


def measure_calls(what: str, by: str, ask: Callable[[], object], *, is_page: bool = True) -> PageTiming:
    """Repeat one call and measure each; raises what `ask` raises."""
    for _ in range(WARM_UP):
        ask()
    with CaptureQueriesContext(connection) as captured:
        ask()
    bare = _bare_process()
    queries, took, bare_took, before = len(captured), [], [], _processor_seconds()
    with processes.sharing_processor([os.getpid(), connection.connection.info.backend_pid, bare.pid]):
        for _ in range(RUNS):
            began = perf_counter()
            ask()
            took.append((perf_counter() - began) * 1000)
            bare_took.append(bare.measure(requests=1, batches=1))
        cpu = (_processor_seconds() - before) / RUNS * 1000
    median_ms, p95_ms, bare_ms = median(took), quantiles(took, n=20)[-1], median(bare_took)
    return PageTiming(what, by, round(median_ms, 1), round(p95_ms, 1), round(cpu, 1), bare_ms, queries, is_page)


def _processor_seconds() -> float:
    """Processor time of this process, and of its PostgreSQL process."""
    return processes.processor_seconds([os.getpid(), connection.connection.info.backend_pid])


def prepare_pages(people: dict[str, User], *, now: datetime) -> dict[str, Incident]:
    """Seal the addresses that will be shown; returns the measured incident of each viewer: one of a large site."""
    found = {}
    for what, user in people.items():
        seen: list[Incident] = list(filter_queue({}, user, now)[:MOST_COUNTED])
        if not seen:
            # A quiet portal of a small installation.
            continue
        found[what] = max(seen, key=_site_size)
        filters: tuple[ChosenFilters, ...] = (
            {"portal": user.portals.order_by("-slug")[0]},
            {"priority": "5"},
            {"language": "en"},
        )
        for chosen in filters:
            seen += filter_queue(chosen, user, now)[:30]
        seen += [incident for view in View for incident in filter_queue({"view": view}, user, now)[:30]]
        seen += [group.longest_waiting for group in flood_groups({}, user, now)]
        seen += Incident.objects.visible_to(user).in_danger().in_order()[:50]
        seen += [
            other
            for others in find_related(found[what], user, sightings_of(found[what], user)).values()
            for other in others
        ]
        seen += list(incidents_of_kinds(user).values())
        shown.seal_addresses({incident.pk: incident for incident in seen}.values(), now=now)
        reports = Report.objects.filter(sightings__incident=found[what], receipt__submissions=None)
        shown.write_envelopes(list(reports[:20]), now=now)
        # The holder of the claim needs no reason to reveal it.
        found[what] = actions.claim(by=user, incident=found[what])
    return found


def incidents_of_kinds(user: User) -> dict[str, Incident]:
    """One incident of each kind of page that is not a first review; without those the user has none of."""
    visible = Incident.objects.visible_to(user).filter(kind=IncidentKind.ADDRESS)
    traced = visible.filter(chases__isnull=False)
    kinds = {
        "second review": visible.filter(state=State.WAITING, stage=ReviewStage.SECOND),
        "assessed": traced.filter(state=State.ASSESSED),
        "acted on": traced.filter(state=State.ACTING),
        "closed as removed": traced.filter(state=State.CLOSED, closing=Closing.GONE),
        "closed without action": visible.filter(state=State.CLOSED, closing=Closing.NOT_ACTIONED),
    }
    return {kind: incident for kind, rows in kinds.items() for incident in rows.order_by("pk")[:1]}


def _site_size(incident: Incident) -> int:
    """The number of incidents of its site, up to 1,000."""
    site = incident.site_fingerprint
    return Incident.objects.filter(site_fingerprint=site)[:1000].count() if site else 0


def _find_related(incident: Incident, user: User) -> object:
    return find_related(incident, user, sightings_of(incident, user))


def measure_all(people: dict[str, User], incidents: dict[str, Incident], quiet: Portal) -> Iterator[PageTiming]:
    """`quiet`: the portal that the queue is filtered by when the analyst works for several."""
    # As `portal_site.wsgi` does.
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)
    for by, incident in incidents.items():
        yield from _measure_pages(by, people[by], incident, quiet)
        yield measure_calls(
            "same host, same site and the like",
            by,
            partial(_find_related, incident, _load_request_user(people[by])),
            is_page=False,
        )
        if len(Incident.objects.visible_to(people[by]).waiting()[: 3 * RUNS]) == 3 * RUNS:
            end_danger()
            yield measure_calls("claim of the next", by, partial(actions.claim_next, by=people[by]), is_page=False)
            yield measure_calls("claim and assessment", by, partial(assess_next, people[by]), is_page=False)
            yield from _measure_illegal_verdicts(by, people[by])


def _load_request_user(user: User) -> User:
    """The user as a request loads it: with their portals."""
    found = Backend().get_user(user.pk)
    assert found is not None
    return found


def _measure_pages(by: str, user: User, incident: Incident, quiet: Portal) -> Iterator[PageTiming]:
    client, page = client_of(user), f"/admin/incidents/{incident.pk}/"

    def get(path: str, **query: str) -> None:
        answer = client.get(path, query)
        if answer.status_code != 200:
            raise RuntimeError(f"{path} answered {answer.status_code}.")

    yield measure_calls("dashboard", by, lambda: get("/admin/"))
    yield measure_calls("queue, first page", by, lambda: get("/admin/queue/"))
    yield measure_calls("queue, last page that can be turned to", by, lambda: get("/admin/queue/", page=str(LAST_PAGE)))
    yield measure_calls("queue, the quietest portal", by, lambda: get("/admin/queue/", portal=quiet.slug))
    yield measure_calls("queue, one language", by, lambda: get("/admin/queue/", language="en"))
    yield measure_calls("queue, a language of no report", by, lambda: get("/admin/queue/", language="es"))
    yield measure_calls("queue, waiting three days", by, lambda: get("/admin/queue/", age="72"))
    yield measure_calls("queue, what is acted on", by, lambda: get("/admin/queue/", view=View.ACTING))
    yield measure_calls("all incidents", by, lambda: get("/admin/incidents/"))
    yield measure_calls("all incidents, closed as illegal", by, lambda: get("/admin/incidents/", **CLOSED_ILLEGAL))
    for kind, other in incidents_of_kinds(user).items():
        yield measure_calls(f"incident, {kind}", by, partial(get, f"/admin/incidents/{other.pk}/"))
    yield measure_calls("to-do list", by, lambda: get("/admin/to-do/"))
    yield measure_calls("incident, masked", by, lambda: get(page))
    if client.post(f"{page}reveal/").status_code != 302:
        raise RuntimeError("It was not revealed.")
    yield measure_calls("incident, revealed", by, lambda: get(page))
    if client.post(f"{page}show-words/").status_code != 302:
        raise RuntimeError("The words were not revealed.")
    yield measure_calls("incident, with the words", by, lambda: get(page))


def assess_next(user: User) -> None:
    incident = actions.claim_next(by=user)
    if incident is None:
        raise RuntimeError("Nothing waits any more.")
    verdicts.assess_as_not_found(user, incident)


def _measure_illegal_verdicts(by: str, user: User) -> Iterator[PageTiming]:
    """Verdicts on incidents that the user holds, and then undone."""
    now, calls = timezone.now(), WARM_UP + 1 + RUNS
    incidents = list(filter_queue({}, user, now).filter(stage=ReviewStage.FIRST, round=1)[:calls])
    shown.seal_addresses(incidents, now=now)
    held = [actions.claim(by=user, incident=incident) for incident in incidents]
    assessments: list[Assessment] = []

    def decide() -> None:
        assessments.append(verdicts.assess_as_illegal(user, held[len(assessments)]))

    def undo() -> None:
        assessment = assessments.pop()
        actions.undo(by=user, incident=assessment.incident, assessment=assessment, reason=UndoReason.SLIP)

    yield measure_calls("illegal verdict", by, decide, is_page=False)
    yield measure_calls("illegal verdict undone", by, undo, is_page=False)
