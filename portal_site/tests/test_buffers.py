"""Pages and actions touch few shared buffers, even with 20,000 incidents and all their later data.

The number of queries does not reveal one that reads everything ever decided; buffers do, and are the same on every
machine. Every route of the staff site is measured: pages for each role that may read them, actions as done by
`tests/acts`. Most stay below MOST; those that need more have their own limit in DEARER.
"""

import copy
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.db import connection
from django.db.models import Count, Exists, OuterRef, Q
from django.test import Client
from django.urls import get_resolver
from django.utils import timezone

from analysts.assessment.flood.folding import ALIKE
from analysts.codes import ReviewStage, Role
from analysts.incidents.fingerprints import compute_fingerprint
from analysts.models import Assessment, Chase, Incident, Recipient, Referral, User
from analysts.tests.factories import incident_of, report_of
from analysts.tests.inboxes import inbox_of
from audit import free_text
from audit.models import AuditEvent
from countries.models import Portal
from countries.tests.factories import open_portal
from portal_site.access_table import TABLE
from portal_site.tests.test_access_table import rows_of
from reports import keys
from reports.models import KeyClass, SealingKey
from tests.acts.act import ADDRESS, INCIDENT, Stage, staff_of, with_report
from tests.acts.table import ACTS
from tests.acts.takedown import CHANGED_TEXT
from tests.benchmarks.incidents import facets, fill, takedowns
from tests.rig.buffers import count_buffers, database_copy, plan_on
from tests.rig.cells import answers_for
from tests.rig.fixtures import record_keys
from tests.rig.kept_statements import KeptStatements
from tests.rig.route_objects import answered_request
from tests.rig.routes import RouteAnswer, fill_route, walk_routes

INCIDENTS = 20_000
# In an order of chance, rows that other tests changed and rolled back add some: ROOM for them.
# Reading a filled table to its end touches 1,000 (incidents), 450 (assessments, envelopes) or 300 (referrals).
MOST = 330
ROOM = 1.25
DEARER = {
    # Lists of waiting, due or related incidents, and counts of up to a thousand.
    "admin/": 2_900,
    "admin/to-do/": 1_300,
    "admin/keys/": 1_000,
    "admin/queue/": 1_300,
    "admin/inbox/": 700,
    # Among them the other takedowns of the host.
    INCIDENT: 1_600,
    # One page of the list, with the facts of thirty incidents by index; a refused form shows it again.
    "admin/incidents/": 700,
    # A year of referrals.
    "admin/recipients/performance/": 410,
    # A person's illegal verdicts of eight weeks.
    "admin/my-cases/": 680,
    # Several actions in one, or several incidents.
    "admin/batches/draw/": 410,
    "admin/batches/results/": 1_250,
    "admin/floods/<uuid:incident_id>/fold/": 500,
    # A new account, its id in the log, and who reads which portal.
    "admin/analysts/user/add/": 470,
    # The letter with its fifty addresses and what it states of each, and the numbers of the menu.
    "admin/notices/<uuid:notice_id>/": 350,
    "admin/notices/<uuid:notice_id>/read/": 600,
    "admin/notices/<uuid:notice_id>/sent/": 900,
    "admin/to-do/hand-over/": 620,
    "admin/to-do/routes/": 1_250,
    "admin/url-list/review/": 690,
    f"{INCIDENT}ask-police/": 480,
    f"{INCIDENT}merge/": 680,
    f"{INCIDENT}refer/": 470,
    f"{INCIDENT}route/": 690,
    f"{INCIDENT}skip/": 450,
    f"{INCIDENT}split/<uuid:report_id>/": 500,
}
# Actions on incidents and notices, and replies, derive the next step from some fifty facts, each found by index;
# planning touches each index of its tables.
NEXT_STEP = 600
DERIVE_IT = (INCIDENT, "admin/notices/<uuid:notice_id>/", "admin/inbox/<uuid:referral_id>/answer/")
# Verbs on incidents also write what the list of all incidents filters by, at each of their portals.
FACETS = 100
# A revealed incident also opens what is sealed.
OPENED = 150
# Some ten statements, each by index, and what their triggers ask.
TAKEN_IN = 520
# Routes that are not measured, by their prefix, each with its reason.
UNMEASURED = {
    "accounts/": "reads one account",
    "api/": "for members' systems: the list, which is measured by tests/benchmarks/url_list",
    "admin/login/": "leads to accounts/login/",
    "admin/logout/": "ends the session that the other pages are measured with",
    "admin/audit/auditevent/export/": "leads to a file of the whole audit log",
}
PATTERNS = dict(walk_routes())


@pytest.fixture(scope="module")
def scene(django_db_setup: None, django_db_blocker: Any, keyring: tuple[Path, list[str]]) -> Iterator[Stage]:
    """A filled database with one more report, and a person for each role, two of whom made all decisions."""
    now, (folder, ids) = timezone.now(), keyring
    with django_db_blocker.unblock(), database_copy(), pytest.MonkeyPatch.context() as patch:
        patch.setattr(django_settings, "KEYRING", folder)
        record_keys(ids)
        belize, *others = [open_portal(slug, slug.title(), "en") for slug in ("bz", "p2", "p3", "p4", "p5", "p6")]
        people = staff_of(belize)
        addresses, words = (
            SealingKey.objects.get(pk=keys.public_key(now, each).id) for each in (KeyClass.ADDRESSES, KeyClass.WORDS)
        )
        deciding = [people[Role.ANALYST], people[Role.SENIOR]]
        fill.fill_tables(INCIDENTS, waiting=0.1, portals=[belize, *others], people=deciding, key=addresses, now=now)
        takedowns.fill_takedowns(by=people[Role.SENIOR], words=words, now=now)
        facets.fill_facets()
        _put_own_looks_first(people[Role.ANALYST])
        stage = with_report(belize, people, ADDRESS)
        with connection.cursor() as cursor:
            # In full, because rows that earlier tests rolled back leave empty pages, which reading a table touches.
            cursor.execute("VACUUM (FULL, ANALYZE)")
        plan_on(connection.introspection.table_names())
        yield stage


def _put_own_looks_first(analyst: User) -> None:
    """Move incidents whose second review `analyst` may not take to the head of the queue, behind their own first."""
    own = (
        Incident.objects.visible_to(analyst).waiting().apart().filter(stage=ReviewStage.SECOND, assessments__by=analyst)
    )
    first = own.order_by("pk").values("pk")[:10]
    Incident.objects.filter(pk__in=first).update(priority=10)


VACUUMED = ("analysts_user", "analysts_noticetemplate", "audit_auditevent")


@pytest.fixture
def vacuumed(scene: Stage, django_db_blocker: Any) -> None:
    """Tables that are read to their end, or from their last row, without those that the test before rolled back."""
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute(f"VACUUM {', '.join(VACUUMED)}")
        plan_on(VACUUMED)


@pytest.fixture
def stage(
    scene: Stage, vacuumed: None, db: None, keyring: tuple[Path, list[str]], settings: Any, sessions_noted_later: None
) -> Stage:
    settings.KEYRING, settings.PUBLIC_URL = keyring[0], "https://report.example.org"
    # The changed rows are rolled back, the objects in memory are not.
    return copy.deepcopy(scene)


class Spent(list[Counter[str]]):
    """The buffers that each request touched, in order."""

    @property
    def last(self) -> tuple[int, dict[str, int]]:
        """The number of buffers, and the tables and indexes with most of them."""
        return self[-1].total(), dict(self[-1].most_common(4))


@pytest.fixture
def spent(monkeypatch: pytest.MonkeyPatch) -> Spent:
    spent, request = Spent(), Client.request

    def measured(client: Client, **given: Any) -> Any:
        before = count_buffers()
        answer = request(client, **given)
        if answer.streaming:
            list(answer)
        spent.append(count_buffers() - before)
        return answer

    monkeypatch.setattr(Client, "request", measured)
    return spent


def is_measured(route: str) -> bool:
    return not route.startswith(tuple(UNMEASURED))


def limit_of(route: str) -> int:
    derives_it = route.startswith(DERIVE_IT) and route not in (*DERIVE_IT[:2], "admin/notices/<uuid:notice_id>/read/")
    return int(ROOM * (DEARER.get(route, MOST) + (NEXT_STEP + FACETS if derives_it else 0)))


def test_limits_and_exceptions_are_of_routes_that_exist() -> None:
    assert sorted(DEARER.keys() - TABLE.keys()) == []
    assert [start for start in UNMEASURED if not any(route.startswith(start) for route in TABLE)] == []


@pytest.mark.parametrize("role", Role)
def test_pages_touch_few_buffers(stage: Stage, spent: Spent, role: Role) -> None:
    rows = rows_of(stage.belize, Portal.objects.get(slug="p2")) | {"incident_id": str(most_reported(stage.belize).pk)}
    if role == Role.RECIPIENT:
        rows["referral_id"] = str(open_busiest_inbox(stage).pk)
    if role == Role.AUDITOR:
        rows["answer_id"] = str(answered_request(stage.people[role]).pk)
    client = stage.client(role)
    asked, dear = 0, {}
    for route in filter(is_measured, TABLE):
        if RouteAnswer.OPENS not in answers_for(route, "GET", role, here=True):
            continue
        answer = client.get(fill_route(route, PATTERNS[route], rows))
        assert answer.status_code in (200, 302), route
        asked += 1
        if spent.last[0] > limit_of(route):
            dear[route] = spent.last
    assert asked > 3
    assert dear == {}


def open_busiest_inbox(stage: Stage) -> Referral:
    """Open the inbox of the recipient with the most referrals to its officer; the latest of them."""
    recipient = Recipient.objects.annotate(number=Count("referrals")).order_by("-number", "pk")[0]
    officer = stage.people[Role.RECIPIENT]
    inbox_of(recipient, by=stage.people[Role.ADMINISTRATOR], user=officer)
    return Referral.objects.in_inbox_of(officer, timezone.localdate()).latest("noticed_at", "pk")


def most_reported(portal: Portal) -> Incident:
    """The incident with the most reports of those with an open chase."""
    chased = Incident.objects.sighted_by(portal).filter(pk__in=Chase.objects.open().values("incident"))
    return chased.annotate(reports=Count("sightings")).order_by("-reports", "pk")[0]


@pytest.mark.urls("portal_site.urls_staff")
@pytest.mark.parametrize("route", sorted(ACTS))
def test_act_leaves_its_event_and_touches_few_buffers(
    stage: Stage, spent: Spent, route: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    act = ACTS[route]
    # Every detail is of its type, so that no text is replaced but the name of a person.
    names = (CHANGED_TEXT["checked_by"],)
    monkeypatch.setattr(
        free_text, "describe_text", lambda text: text in names or pytest.fail(f"no detail may be {text!r}")
    )
    answer = act(stage)
    assert answer.status_code in (200, 302)
    resolved = get_resolver().resolve(answer.request["PATH_INFO"])
    assert resolved.route.replace("^", "").replace("\\Z", "") == route
    assert answer.request["REQUEST_METHOD"] == "POST"
    # Earlier steps may be recorded as well: the action's own event comes last, or before one that follows from it.
    assert act.event in AuditEvent.objects.order_by("-number").values_list("action", flat=True)[:2]
    number, of = spent.last
    assert number <= limit_of(route) or not is_measured(route), of


def test_revealed_incident_touches_few_buffers(stage: Stage, spent: Spent) -> None:
    client, page = stage.client(Role.ANALYST), f"/admin/incidents/{most_reported(stage.belize).pk}/"
    client.post(f"{page}reveal/", {"reason": "advice"})
    client.post(f"{page}show-words/")
    assert client.get(page).context["masking"].is_lifted
    number, of = spent.last
    assert number <= limit_of(INCIDENT) + OPENED, of


def test_report_taken_in_touches_few_buffers(stage: Stage) -> None:
    before = count_buffers()
    report_of(stage.belize, ADDRESS)
    spent = count_buffers() - before
    assert spent.total() <= ROOM * TAKEN_IN, spent.most_common(4)


@pytest.fixture
def common_site(vacuumed: None, django_db_blocker: Any) -> Iterator[str]:
    """A site without a verdict that a tenth of all incidents name."""
    site, number = "common.example", INCIDENTS // 9
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        # Without triggers: the rows are like those that they are copied from.
        cursor.execute("SET session_replication_role = replica")
        cursor.execute(
            "CREATE TEMPORARY TABLE copies AS SELECT * FROM analysts_incident"
            " WHERE severity = '' AND merged_into_id IS NULL ORDER BY state, id LIMIT %s",
            [number],
        )
        assert cursor.rowcount == number
        cursor.execute(
            "UPDATE copies SET id = gen_random_uuid(), site_fingerprint = %s", [compute_fingerprint("site", site)]
        )
        cursor.execute("UPDATE copies SET fingerprint = sha256(uuid_send(id))")
        cursor.execute("INSERT INTO analysts_incident TABLE copies")
        cursor.execute("RESET session_replication_role")
        cursor.execute("VACUUM (ANALYZE) analysts_incident")
    yield site
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute("DELETE FROM analysts_incident USING copies WHERE copies.id = analysts_incident.id")
        cursor.execute("RESET session_replication_role")
        cursor.execute("DROP TABLE copies")
        cursor.execute("VACUUM (FULL, ANALYZE) analysts_incident")


@pytest.mark.parametrize("plans", ["force_custom_plan", "force_generic_plan"])
@pytest.mark.parametrize(("page", "before"), [("a/gallery", 7), ("gallery?id=", ALIKE + 1)], ids=["few", "flood"])
def test_report_of_a_common_site_touches_few_buffers(
    common_site: str, stage: Stage, plans: str, page: str, before: int
) -> None:
    """Also where each statement is planned without its values, as those of functions are after a few runs."""
    # A worker prepares no statement.
    connection.connection.prepare_threshold = None
    with connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL plan_cache_mode = {plans}")
    for number in range(before):
        report_of(stage.belize, f"https://{common_site}/{page}{number}")
    buffers = count_buffers()
    incident = incident_of(stage.belize, f"https://{common_site}/{page}{before}")
    spent = count_buffers() - buffers
    connection.connection.prepare_threshold = KeptStatements.prepare_threshold
    assert bool(incident.flood) == (before > ALIKE)
    assert spent.total() <= ROOM * TAKEN_IN, spent.most_common(4)


# Controls: queries that read everything ever decided, which must exceed the limit.


def or_across_a_join(stage: Stage) -> Any:
    return Assessment.objects.filter(Q(incident=stage.incident) | Q(incident__merged_into=stage.incident))


def exists_in_an_or(stage: Stage) -> Any:
    own = Assessment.objects.filter(incident=OuterRef("pk"), round=OuterRef("round"), by=stage.people[Role.ANALYST])
    return Incident.objects.waiting().filter(Q(stage=ReviewStage.FIRST) | ~Exists(own)).in_order()[:1]


def not_in_all_visible(stage: Stage) -> Any:
    visible = Incident.objects.visible_to(stage.people[Role.ANALYST])
    return stage.incident.sightings.exclude(incident__in=visible)


@pytest.mark.parametrize("asked", [or_across_a_join, exists_in_an_or, not_in_all_visible])
def test_query_that_reads_history_is_caught(stage: Stage, asked: Callable[[Stage], Any]) -> None:
    before = count_buffers()
    list(asked(stage))
    assert (count_buffers() - before).total() > ROOM * MOST
