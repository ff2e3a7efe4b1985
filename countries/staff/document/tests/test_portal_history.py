"""The history of a portal: every change of it, by whom and why, from the audit log."""

import re
from typing import Any

import pytest
from django.db import connection, transaction

from analysts.codes import Role
from analysts.models import User
from audit.actions import record_event
from countries.models import Portal, PortalState
from countries.staff.document import history as portal_history
from countries.staff.document.portal_document import document_of
from countries.staff.requests.approvals import approve_request, decline_request
from countries.staff.workspace.lifecycle import transition_portal
from countries.staff.workspace.portal_approvals import PORTAL_STATE, PORTAL_WORDS, request_state, request_words
from countries.staff.workspace.tests.test_admin import page_of, save
from countries.tests.factories import complete_portal
from tests.rig.fixtures import client_of, create_person


def history_of(portal: Portal) -> str:
    return f"/admin/countries/portal/{portal.pk}/history/"


def rows_of(page: str) -> list[str]:
    """The text of each row."""
    rows = re.findall(r'<div class="history-row">(.*?)</div>', page, re.S)
    return [" ".join(re.sub("<[^>]*>", " ", row).split()) for row in rows]


def test_history_names_each_change_its_person_and_reason(olga: User) -> None:
    otto = create_person("otto", Role.OPERATOR)
    ghana = complete_portal("gh", "Ghana", "en", state=PortalState.DRAFT, access_phrase="phrase", tested_on=None)
    ghana.texts.update(suspended_message="Closed for now.")
    save(client_of(olga), page_of(ghana, "country"), legal_age="17")
    transition_portal(by=olga, portal=ghana, verb="restrict", reason="Partners look.")
    document = {**document_of(Portal.objects.get(pk=ghana.pk)), "brand_colour": "#123456"}
    approve_request(
        PORTAL_WORDS, by=otto, request=request_words(by=olga, portal=ghana, document=document, reason="New colours.")
    )
    decline_request(PORTAL_STATE, by=otto, request=request_state(by=olga, portal=ghana, verb="close", reason="Over."))
    page = client_of(otto).get(history_of(ghana))

    shown = [re.sub(r"· .* UTC", "·", row) for row in rows_of(page.content.decode())]
    assert shown == [
        "Approval request declined or withdrawn otto · Close Requested by olga Approval request",
        "Approval requested olga · Over. Close Approval request",
        "Approval request approved otto · Fields: brand colour Requested by olga Approval request",
        "Approval requested olga · New colours. Fields: brand colour Approval request",
        "Portal restricted to people with the access phrase olga · Partners look. "
        "From “draft” to “restricted: asks for an access phrase”",
        "Portal changed olga · Fields: legal age",
    ]


def test_history_is_read_page_by_page_and_of_this_portal_alone(
    belize: Portal,
    zambia: Portal,
    olga: User,
    ana: User,
    monkeypatch: pytest.MonkeyPatch,
    django_assert_num_queries: Any,
) -> None:
    monkeypatch.setattr(portal_history, "PAGE_SIZE", 3)
    with transaction.atomic():
        for number in range(7):
            record_event(by=olga, action="portal.export", on=belize, portal="bz", details={"reason": f"r{number}"})
            record_event(by=olga, action="portal.export", on=zambia, portal="zm")
            record_event(by=None, action="user.sign_in", on=User(pk=belize.pk), portal="bz")
    client, address, seen = client_of(olga), history_of(belize), []
    client.get(address)
    while address:
        with django_assert_num_queries(7):
            page = client.get(address).content.decode()
        seen += re.findall(r"r\d\b", " ".join(rows_of(page)))
        older = re.search(r'href="([^"]+\?before=\d+)"', page)
        address = older[1] if older else ""
    assert seen == [f"r{number}" for number in reversed(range(7))]


@pytest.mark.parametrize("before", ["x", "-1", "9" * 30, "٣"])
def test_place_in_the_history_that_is_none_is_not_found(belize: Portal, olga: User, before: str) -> None:
    assert client_of(olga).get(history_of(belize), {"before": before}).status_code == 404


def test_history_has_an_index_of_its_own(belize: Portal) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(
            "EXPLAIN SELECT * FROM audit_auditevent WHERE object_type = 'countries.portal' AND object_id = '1'"
            " ORDER BY number DESC LIMIT 51"
        )
        assert "audit_event_of_portal" in str(cursor.fetchall())


def test_partner_reads_the_history_of_their_own_portal_without_names_of_staff(
    belize: Portal, zambia: Portal, olga: User, petra: User
) -> None:
    transition_portal(by=olga, portal=belize, verb="suspend", reason="A fault in the form.")
    decline_request(
        PORTAL_STATE, by=olga, request=request_state(by=olga, portal=belize, verb="reopen", reason="It is mended.")
    )
    client = client_of(petra)
    page = client.get(history_of(belize)).content.decode()
    lines = [re.sub(r"· .* UTC", "·", row) for row in rows_of(page)]
    assert lines[-1] == "Portal suspended operator · A fault in the form. From “live” to “suspended”"
    assert "olga" not in page
    assert "/admin/approvals/" not in page
    assert client.get(history_of(zambia)).status_code == 404
    step = client.get(f"/admin/countries/portal/{belize.pk}/launch/").content.decode()
    assert history_of(belize) in step
    assert f"/admin/countries/portal/{belize.pk}/kit/" in step
