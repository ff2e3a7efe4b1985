"""Every action of the staff surface, and every page with content, records an event; none contains reported text.

That each action does is seen where all of them are done: `test_buffers.py`.
"""

import csv
import io
from typing import Any

import pytest

from analysts.accounts.access import READ
from analysts.accounts.permissions import CONTENT_ROLES
from analysts.codes import Role
from analysts.exports.writing import write_export
from analysts.models import Export, ExportState
from analysts.pages.list_exports import TABLES
from analysts.tests.notices import gathering_for
from audit.models import AuditEvent
from countries.models import Portal
from portal_site.access_table import ROWS
from tests.acts.act import HOST, WORDS, Stage, set_up, with_report
from tests.acts.table import ACTING, ACTS, SILENT
from tests.proofs.privacy.spellings import spellings_of
from tests.rig.route_objects import create_source
from tests.rig.routes import fill_route, walk_routes

pytestmark = pytest.mark.urls("portal_site.urls_staff")

# Pages for analysts only show content, except these.
WITHOUT_CONTENT = {
    "admin/pause/": "one's own day",
    "admin/my-cases/": "counts of one's own cases",
    "admin/incidents/<incident_number:number>/": "leads to the incident; a choice of two is on record",
    "admin/figures/": "counts by day, of no incident or person",
    "admin/figures/portals/": "a list of one's own portals",
    "admin/figures/portals/<int:portal_id>/": "protected counts of a quarter or year",
    "admin/figures/portals/<int:portal_id>/band.svg": "the colours of a portal",
    "admin/figures/portals/<int:portal_id>/sheet/": "protected counts of a quarter or year",
    "admin/figures/periods/": "counts of a quarter or year",
    "admin/figures/periods/return.csv": "counts of a quarter or year",
    "admin/figures/periods/dsa/": "counts of a quarter or year",
    "admin/figures/periods/dsa.csv": "counts of a quarter or year",
    "admin/to-do/next/": "redirects to an incident",
    "admin/notice-texts/<slug:kind>/<slug:purpose>/<str:tag>/": "texts with placeholders, without any address",
}
SHOWING = sorted(
    {row.route for row in ROWS if row.methods == READ and row.who.roles and row.who.roles <= CONTENT_ROLES}
    - WITHOUT_CONTENT.keys()
)


@pytest.fixture
def stage(belize: Portal) -> Stage:
    return set_up(belize)


def newest() -> int:
    return AuditEvent.objects.order_by("-number").values_list("number", flat=True).first() or 0


def test_every_acting_route_is_done_here_or_says_why_not() -> None:
    assert sorted(set(ACTING) - ACTS.keys() - SILENT.keys()) == [], "Add these to tests/acts."
    assert sorted((ACTS.keys() | SILENT.keys()) - set(ACTING)) == [], "These are no acts any more: take them out."
    assert ACTS.keys() & SILENT.keys() == set()


@pytest.mark.parametrize("route", SHOWING)
def test_page_of_content_leaves_an_event_each_time(stage: Stage, route: str) -> None:
    [pattern] = [pattern for known, pattern in walk_routes() if known == route]
    arguments = {"incident_id": str(stage.incident.pk), "report_id": str(stage.report.pk)}
    if "notice_id" in route:
        arguments["notice_id"] = str(gathering_for(stage.incident, stage.people[Role.ANALYST]).notice_id)
    if "source_id" in route:
        arguments |= create_source(stage.belize, by=stage.people[Role.OPERATOR])
    who = Role.ANALYST if any(Role.ANALYST in row.who.roles for row in ROWS if row.route == route) else Role.SENIOR
    client = stage.client(who)

    for _time in range(2):
        before = newest()
        assert client.get(fill_route(route, pattern, arguments)).status_code == 200
        event = AuditEvent.objects.get(number=before + 1)
        assert (event.actor, event.action.split(".")[1]) == (stage.people[who].username, "view")


def test_export_of_everything_that_was_done_says_nothing_of_what_was_reported(belize: Portal) -> None:
    """Each action on an incident of its own, and the whole audit log exported and searched."""
    stage = set_up(belize)
    done = 0
    for route, act in sorted(ACTS.items()):
        if route.startswith(("admin/incidents/", "admin/queue/", "admin/floods/")):
            address = f"https://{HOST}.example.org/placeholderpath/{done}?q=placeholderquery"
            again = with_report(belize, stage.people, address)
            assert act(again).status_code in (200, 302), route
            done += 1
    assert done >= 12
    # The latest of them is seen as well.
    again.client(Role.ANALYST).get(f"/admin/incidents/{again.incident.pk}/")
    client = stage.client(Role.AUDITOR)
    ordered = client.post("/admin/audit/auditevent/export/", {"reason": "Yearly review", "format": "csv"})
    assert ordered.status_code == 302
    export = Export.objects.get(by=stage.people[Role.AUDITOR], state=ExportState.WAITING)
    write_export(export_id=export.pk, tables=TABLES)
    answer: Any = client.post(f"/admin/exports/{export.pk}/fetch/")
    table = b"".join(answer.streaming_content)
    pages = [client.get("/admin/audit/auditevent/").content]
    # One of each action, done on an incident of its own.
    of_each = AuditEvent.objects.order_by("action", "-number").distinct("action").values_list("number", flat=True)
    pages += [client.get(f"/admin/audit/auditevent/{number}/change/").content for number in of_each]

    rows = list(csv.reader(io.StringIO(table.decode("utf-8-sig"))))
    assert len(rows) > 30
    typed = [HOST, "placeholderpath", "placeholderquery", WORDS.split(" ")[0]]
    spellings = {spelling: text for text in typed for spelling in spellings_of(text)}
    assert len(spellings) > 140
    assert [text for spelling, text in spellings.items() for each in (table, *pages) if spelling in each] == []
    # The control: the search finds a text that is there.
    assert b"incident.reveal" in table
