"""Everything that is watched, in groups: for the operations page, `manage.py health` and the metrics."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from django.db import connection
from django.utils.functional import Promise
from django.utils.timesince import timesince
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from analysts.accounts.coverage import uncovered_portals
from analysts.assessment.intake.backlog import Backlog, read_backlog
from analysts.figures.providers.precision import alarmed_providers
from analysts.models import ReadingKind
from analysts.operations.database_signs import read_database_size, size_item
from analysts.operations.health_item import HealthItem
from analysts.operations.health_signs import HealthSigns, read_signs
from analysts.operations.host_readings import Readings, host_items, read_newest
from analysts.operations.jobs import FailedJob, job_items, list_failed_jobs
from analysts.operations.keyring_look import key_item
from analysts.operations.staff_bar import modes_item, watched_items
from analysts.retention import anchoring
from countries.public.trust import read_figures
from countries.public.web_server_pages import are_pages_stale
from countries.words.language_memory import renew_languages
from countries.words.overlay import renew_texts

ERROR_PAGES_ADVICE = _(
    "They were written before their texts changed. Have the server’s administrators run: deploy/manage owner "
    "write_error_pages --tar | tar --extract --directory=/etc/nginx/portals/pages"
)


@dataclass(frozen=True, slots=True)
class ItemGroup:
    """Items under one heading of the page."""

    name: str
    label: str | Promise
    items: list[HealthItem]


@dataclass(frozen=True, slots=True)
class OperationsState:
    """The readings from which items, tables and metrics are built, so that each is read once.

    `database_size`: in bytes.
    """

    at: datetime
    signs: HealthSigns
    failed_jobs: list[FailedJob]
    readings: Readings
    database_size: int


def read_state(now: datetime) -> OperationsState:
    """The number of queries does not depend on how much waits."""
    return OperationsState(now, read_signs(now), list_failed_jobs(), read_newest(), read_database_size())


def build_groups(state: OperationsState) -> list[ItemGroup]:
    signs, now = state.signs, state.at
    server = next(iter(state.readings[ReadingKind.MAIL]), None)
    work = [*watched_items(signs, now), backlog_item(now), *job_items(state.failed_jobs, server, now)]
    machine = [*host_items(state.readings, now), size_item(state.database_size), proof_item(now)]
    return [
        ItemGroup("work", _("Reports and the workers"), work),
        ItemGroup("rules", _("Portals, keys and the audit log"), [*_rule_items(state), modes_item(signs.modes, now)]),
        ItemGroup("machine", _("Machine and backups"), machine),
    ]


def all_items(state: OperationsState) -> Iterator[HealthItem]:
    for group in build_groups(state):
        yield from group.items


def _rule_items(state: OperationsState) -> Iterator[HealthItem]:
    uncovered = uncovered_portals()
    yield HealthItem(
        "coverage",
        _("Portals without analysts"),
        bool(uncovered),
        None,
        _("No analyst who signed in within 30 days sees the reports. An administrator assigns analysts."),
        tuple(portal.slug for portal in uncovered),
    )
    refusing = alarmed_providers(state.at.date())
    # Without names: a monitor outside may show it.
    yield HealthItem(
        "precision",
        _("Providers that refuse many notices"),
        bool(refusing),
        advice=_("They refuse many as not illegal. Senior analysts and operators see on the dashboard which they are."),
        details=(str(len(refusing)),) if refusing else (),
    )
    yield key_item(state.readings[ReadingKind.KEYRING], state.at)
    stale = _are_error_pages_stale()
    yield HealthItem("error_pages", _("Error pages of the web server"), stale, None, ERROR_PAGES_ADVICE)
    trouble = anchoring.find_trouble(state.at)
    is_watched = anchoring.is_wanted()
    details = () if is_watched else (gettext("no anchors are kept"),)
    yield HealthItem("audit", _("Audit log"), bool(trouble), None, trouble, details, is_watched=is_watched)


def _are_error_pages_stale() -> bool:
    """Whether their texts have changed since they were written, as approved until now. A few queries."""
    renew_languages()
    renew_texts()
    return are_pages_stale(connection)


def backlog_item(now: datetime) -> HealthItem:
    """How much waits for intake, as a band that no single report moves."""
    backlog = read_backlog(now)
    advice = _(
        "More reports wait than intake took in within two hours. Have the server’s administrators raise "
        "INTAKE_PROCESSES where cores are free, or lower REPORTS_A_MINUTE."
    )
    return HealthItem("backlog", _("Waiting for intake"), backlog == Backlog.MORE, None, advice, (str(backlog.label),))


def proof_item(now: datetime) -> HealthItem:
    """The oldest of the proofs that came with this release, by the day on which it ran."""
    days = sorted(date.fromisoformat(proof["on"]) for proof in read_figures()["proofs"])
    since = datetime(days[0].year, days[0].month, days[0].day, tzinfo=now.tzinfo) if days else None
    return HealthItem(
        "proofs",
        _("Oldest proof of this release"),
        since=since,
        age=timesince(since, now) if since else "",
        is_watched=False,
    )
