"""Each copy of content that is stored apart from its incident asks for the right to it again when it is opened.

One row for each kind of sealed content and each file that is kept: a kind without a row fails.
"""

from collections.abc import Callable
from typing import Any

import pytest
from django.http import HttpResponseBase
from django.urls import reverse
from django.utils import timezone

from analysts.assessment.drafts import save_draft
from analysts.exports import writing
from analysts.exports.actions import order_export
from analysts.handoff import drawing
from analysts.incidents.actions import add_note
from analysts.models import BatchKind, ExportFormat, ExportSubject, Incident, User
from analysts.pages.list_exports import TABLES
from analysts.retention.sealed import SEALED
from analysts.takedown.notices import texts
from analysts.tests.batches import workstation_for_batches, workstation_keys
from analysts.tests.factories import claimed, incident_of
from analysts.tests.notices import gathering_for
from countries.models import Portal
from tests.rig.fixtures import client_of
from workstation.sealed_file import open_batch

pytestmark = pytest.mark.urls("portal_site.urls_staff")

ADDRESS = "https://gallery.example.org/placeholderpath"
# Opens it, and returns the answer.
type Fetch = Callable[[], Any]


def _revealed_page(by: User, incident: Incident) -> Fetch:
    """The page of an incident that is revealed in the session, with a note and a draft of the person's own."""
    claimed(incident, by)
    add_note(by=by, incident=incident, text="placeholdernote")
    save_draft(by=by, incident=incident, act="note", fields={"text": "placeholderpath"})
    client = client_of(by)
    client.post(reverse("admin:reveal", args=[incident.pk]))
    return lambda: client.get(reverse("admin:incident", args=[incident.pk]))


def _letter(by: User, incident: Incident) -> Fetch:
    texts.load_shipped_texts()
    item, client = gathering_for(incident, by), client_of(by)
    return lambda: client.post(reverse("admin:read_notice", args=[item.notice_id]))


def _export(by: User, incident: Incident) -> Fetch:
    columns = ["incident", "portals"]
    export = order_export(by=by, subject=ExportSubject.INCIDENTS, format=ExportFormat.CSV, columns=columns)
    writing.write_export(export_id=export.pk, tables=TABLES)
    client = client_of(by)
    return lambda: client.post(reverse("admin:fetch_export", args=[export.pk]))


def _batch(by: User, incident: Incident) -> Fetch:
    batch = drawing.draw_batch(by=by, workstation=workstation_for_batches(), kinds=[BatchKind.FIRST])
    client = client_of(by)
    return lambda: client.post(reverse("admin:download_batch"), {"batch": batch.pk})


FETCHES: dict[str, Callable[[User, Incident], Fetch]] = {
    **dict.fromkeys(
        ("envelopes", "questions", "addresses", "reported_addresses", "notes", "redaction_addresses", "url_list"),
        _revealed_page,
    ),
    # No page opens those of rows that are kept for their classification.
    "imported_addresses": _revealed_page,
    **dict.fromkeys(("answers_to_notices", "drafts", "released_words"), _revealed_page),
    **dict.fromkeys(("addresses_in_notices", "host_addresses"), _letter),
    "exports": _export,
    "batches": _batch,
}


def test_every_stored_kind_has_a_row() -> None:
    assert set(FETCHES) == {kind.name for kind in SEALED} | {"exports", "batches"}


@pytest.mark.parametrize("fetch", dict.fromkeys(FETCHES.values()), ids=lambda fetch: fetch.__name__)
def test_stored_copy_is_refused_after_its_portals_were_taken(
    belize: Portal, zambia: Portal, sena: User, fetch: Callable[[User, Incident], Fetch]
) -> None:
    incident = incident_of(belize, ADDRESS, now=timezone.now())
    open_it = fetch(sena, incident)
    sena.portals.remove(belize)
    sena.known_portal_ids = None

    refused = open_it()

    assert not _says(refused, incident)
    sena.portals.add(belize)
    assert _says(open_it(), incident)


def _says(answer: HttpResponseBase, incident: Incident) -> bool:
    """Whether the answer holds the address, the incident's number, or a line of a batch."""
    content: bytes = b"".join(answer) if answer.streaming else answer.content  # type: ignore[attr-defined]
    if answer.headers.get("Content-Disposition", "").endswith('.sealed"'):
        return bool(open_batch(content.decode(), workstation_keys()).incidents)
    return any(text in content for text in (b"placeholderpath", str(incident).encode()))
