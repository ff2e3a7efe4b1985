"""Claimers and what they claim."""

import json
import time
from contextlib import nullcontext
from pathlib import Path
from unittest import mock

from django.db import connection

from analysts import actions
from analysts.codes import Role
from analysts.models import IncidentQuerySet, User
from countries.models import Portal
from proofs.inside import GATE

# An incident of words for each receipt, under the same id. The needless condition has the hour drawn for each row anew.
ROWS = """
    WITH receipt AS (
        INSERT INTO reports_receipt (id, outcomes, changed_on, mailbox_key)
        SELECT gen_random_uuid(), '[]', current_date, '' FROM generate_series(1, %(number)s) RETURNING id
    ), report AS (
        INSERT INTO analysts_report (receipt_id, portal_id, language, received_hour, facts, unpublished)
        SELECT id, (%(portals)s::bigint[])[1 + row_number() OVER () %% %(many)s], 'en', date_trunc('hour', now()),
            '{}', false
        FROM receipt RETURNING receipt_id, portal_id
    ), incident AS (
        INSERT INTO analysts_incident (id, kind, address_kind, fingerprint, site_fingerprint, sealed_address, state,
            priority, priority_reasons, child_in_danger, first_sighted, last_sighted, waiting_since, fence,
            unpublished, closing)
        SELECT receipt_id, 'words', '', uuid_send(receipt_id), '', '', 'waiting', floor(random() * 11), '{}', false,
            hour, hour, hour, 0, false, ''
        FROM report, LATERAL (SELECT date_trunc('hour', now() - random() * interval '30 days') AS hour
            WHERE receipt_id IS NOT NULL) AS waits
        RETURNING id
    )
    INSERT INTO analysts_sighting (incident_id, report_id, portal_id)
    SELECT receipt_id, receipt_id, portal_id FROM report
"""


def queue_up(incidents: int, claimers: int) -> None:
    """So many waiting incidents, half of each of two portals, and claimers, some of them for one portal only."""
    portals = list(Portal.objects.filter(slug__in=["bz", "zm"]).order_by("slug"))
    for number in range(claimers):
        user, _ = User.objects.get_or_create(username=f"claimer-{number}", defaults={"role": Role.ANALYST})
        user.portals.set([portals, portals, portals[:1], portals[1:]][number % 4])
    values: dict[str, int | list[int]] = {
        "number": incidents,
        "portals": [portal.pk for portal in portals],
        "many": len(portals),
    }
    with connection.cursor() as cursor:
        cursor.execute(ROWS, values)
        cursor.execute("ANALYZE")


def claim_all(number: int, folder: str, locked: bool) -> int:
    """Claim until nothing waits, from the moment the gate opens; how many, their ids in a file of the folder.

    Without `locked` the verb reads the row without locking it: the control that must claim twice.
    """
    by = User.objects.get(username=f"claimer-{number}")
    unlocked = mock.patch.object(IncidentQuerySet, "select_for_update", lambda rows, **how: rows)
    with nullcontext() if locked else unlocked:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock_shared(%s)", [GATE])
        began, claimed = time.time(), []
        while incident := actions.claim_next(by=by):
            claimed.append(str(incident.pk))
        result = {"claimed": claimed, "began": began, "ended": time.time()}
    Path(folder, f"claimer-{number}.json").write_text(json.dumps(result))
    return len(claimed)
