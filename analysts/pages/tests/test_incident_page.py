"""The incident page: masking, available actions by role, and the effect of its buttons."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from analysts.assessment import actions
from analysts.assessment.intake import run as intake
from analysts.incidents.display.display_safe import defang_text
from analysts.models import Assessment, Incident, Referral, Report, User
from analysts.pages.incident import REPORTS_PER_PAGE
from analysts.states import State
from analysts.tests.factories import assessed_illegal, assessed_not_found, claimed, incident_of, report_of
from analysts.tests.sections import ALL_OPEN
from audit.models import AuditEvent
from countries.models import Portal
from countries.public import published
from reports import actions as reporters
from reports import receipts
from reports.models import SubmissionKind
from tests.rig.fixtures import client_of, send_report

ADDRESS = "https://bad.example.org/gallery/secret-name?id=77"
DEFANGED = "hxxps://bad[.]example[.]org/gallery/secret-name?id=77"
WORDS = "I saw it on bad.example.org, in a forum"
DETAILS = {"description": WORDS, "found_on": "forum.example.net/start", "facts": ["login_needed", "child_known"]}


def url(incident: Incident, act: str = "") -> str:
    return f"/admin/incidents/{incident.pk}/" + (f"{act}/" if act else "")


def shown(page: Any) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", page.content.decode()).split())


def reveal(client: Client, incident: Incident, *, reason: str = "advice") -> Any:
    """The incident's page, revealed with the reporters' words to a user who has not claimed it."""
    page = client.post(url(incident, "reveal"), {"reason": reason}, follow=True)
    return client.post(url(incident, "show-words"), follow=True) if 'id="show-words"' in page.content.decode() else page


def events(**of: str) -> list[tuple[str, str]]:
    return list(AuditEvent.objects.filter(**of).order_by("number").values_list("action", "actor"))


@pytest.fixture
def incident(belize: Portal) -> Incident:
    return Incident.objects.get(sightings__report=report_of(belize, ADDRESS, details=DETAILS))


def test_incident_is_masked_until_revealed(incident: Incident, ana: User) -> None:
    client = client_of(ana)
    before = client.get(url(incident))
    assert before.status_code == 200
    assert "hxxps://ba•••[.]org/•••" in shown(before)
    for secret in ("gallery", "secret-name", "forum", "I saw it", "bad.example", "bad[.]example"):
        assert secret not in before.content.decode()
    # Facts selected by the reporter are shown before a reveal, as a warning.
    assert "a login is needed" in shown(before)
    assert "Never open a reported address on this computer." in shown(before)

    address = client.post(url(incident, "reveal"), {"reason": "advice"}, follow=True)
    assert address.redirect_chain == [(url(incident), 302)]
    assert f'<code id="address" class="address" dir="ltr">{DEFANGED}</code>' in address.content.decode()
    assert "I saw it" not in shown(address)
    assert "forum" not in shown(address)
    after = client.post(url(incident, "show-words"), follow=True)
    assert after.redirect_chain == [(f"{url(incident)}#reports-title", 302)]
    assert f'<code id="address" class="address" dir="ltr">{DEFANGED}</code>' in after.content.decode()
    assert "I saw it on bad[.]example[.]org, in a forum" in shown(after)
    assert "Reveal" not in re.findall(r"<button[^>]*>(.*?)</button>", after.content.decode())
    # Revealed for Ana's session only.
    assert DEFANGED in shown(client.get(url(incident)))
    assert DEFANGED not in shown(client_of(ana).get(url(incident)))


def test_way_up_leads_to_a_list_that_has_the_incident(incident: Incident, ana: User) -> None:
    client = client_of(ana)

    def way_up() -> list[str]:
        [trail] = re.findall(r'<ol class="breadcrumbs">(.*?)</ol>', client.get(url(incident)).content.decode(), re.S)
        return re.findall(r'href="([^"]+)"', trail)

    assert way_up() == ["/admin/", "/admin/queue/"]
    assessed_not_found(incident, ana)
    assert way_up() == ["/admin/", "/admin/incidents/"]


def test_reported_address_never_appears_raw_or_as_a_link(incident: Incident, belize: Portal, ana: User) -> None:
    client = client_of(ana)
    report_of(belize, "https://bad.example.org/other")
    pages = [client.get("/admin/"), client.get("/admin/queue/"), client.get(url(incident))]
    pages += [reveal(client, incident), client.post(url(incident, "claim"), follow=True)]
    pages += [client.post(url(incident, "assess"), {"verdict": "illegal"}), client.get("/admin/")]

    for page in pages:
        source = page.content.decode()
        assert re.findall(r"https?://(?!www\.w3\.org)", source) == []
        assert "bad.example.org" not in source
        assert "forum.example.net" not in source
        assert [href for href in re.findall(r'(?:href|src|action)="([^"]*)"', source) if "example" in href] == []


def test_every_view_is_on_record(incident: Incident, ana: User) -> None:
    client = client_of(ana)
    client.get(url(incident))
    reveal(client, incident)

    seen = AuditEvent.objects.filter(object_id=str(incident.pk)).order_by("number")
    assert [(event.action, event.actor, event.portal, event.details) for event in seen] == [
        ("incident.view", "ana", "bz", {"revealed": False}),
        ("incident.reveal", "ana", "bz", {"reason": "advice"}),
        ("incident.view", "ana", "bz", {"revealed": True}),
        ("incident.reveal", "ana", "bz", {"words": True}),
        ("incident.view", "ana", "bz", {"revealed": True}),
    ]
    assert ADDRESS not in str(list(AuditEvent.objects.values_list("details", "object_id")))


def test_incident_of_another_portal_does_not_exist_for_ben(incident: Incident, ben: User) -> None:
    client = client_of(ben)
    report = Report.objects.get()

    assert client.get(url(incident)).status_code == 404
    for act in ("reveal", "claim", "release", "hand-over", "assess", "refer", "close", "reopen", f"ask/{report.pk}"):
        assert client.post(url(incident, act)).status_code == 404
    assert events(actor="ben") == []


def test_acts_are_posts(incident: Incident, ana: User) -> None:
    client = client_of(ana)
    for act in ("reveal", "claim", "release", "hand-over", "assess", "refer", "close", "reopen"):
        assert client.get(url(incident, act)).status_code == 405
    assert Client(enforce_csrf_checks=True).post(url(incident, "claim")).status_code in (302, 403)


def test_reports_of_other_portals_stay_hidden(
    belize: Portal, zambia: Portal, incident: Incident, ana: User, sena: User
) -> None:
    report_of(zambia, ADDRESS, details={"description": "Zambian words", "facts": ["payment_needed"]})
    seen = {}
    for user in (ana, sena):
        client = client_of(user)
        seen[user.username] = shown(reveal(client, incident))

    assert "1 report Belize" in seen["ana"]
    for hidden in ("Zambia", "Zambian words", "payment is needed"):
        assert hidden not in seen["ana"]
    assert "2 reports" in seen["sena"]
    assert "Zambian words" in seen["sena"]


def test_words_of_a_reporter_are_shown_with_their_own_white_space_alone(belize: Portal, ana: User) -> None:
    incident = incident_of(belize, ADDRESS, details={"description": "one\n  two"})
    client = client_of(ana)
    reveal(client, incident)

    assert (
        '<div class="legible" dir="auto">one\n  two</div>'
        in client.get(f"/admin/incidents/{incident.pk}/").content.decode()
    )


def test_words_of_a_reporter_are_shown_as_text(belize: Portal, ana: User) -> None:
    payload = "<script>alert(1)</script><img src=x onerror=alert(1)>{{ 7|add:7 }}"
    incident = incident_of(belize, "no address", details={"description": payload, "found_on": payload})
    client = client_of(ana)
    page = reveal(client, incident)

    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page.content.decode()
    assert "<script>alert" not in page.content.decode()
    assert "<img" not in page.content.decode()
    assert "Words without an address" in shown(page)


@pytest.mark.parametrize(
    ("written", "shown_as"),
    [
        ("https://host.example/a.html", "hxxps://host[.]example/a[.]html"),
        ("HTTP://host.example", "HXXP://host[.]example"),
        ("host.example, or www.host.example", "host[.]example, or www[.]host[.]example"),
        ("tg://resolve?domain=x", "tg[:]//resolve?domain=x"),
        ("192.0.2.7:8080", "192[.]0[.]2[.]7:8080"),
        ("The end. And so on...", "The end. And so on..."),
        ("مثال.example", "مثال[.]example"),
        ("", ""),
    ],
)
def test_harmless_text_holds_no_address(written: str, shown_as: str) -> None:
    assert defang_text(written) == shown_as


# --- Acts -------------------------------------------------------------------------------------------------------------


def fence(incident: Incident) -> int:
    incident.refresh_from_db()
    return incident.fence


def state(incident: Incident) -> str:
    incident.refresh_from_db()
    return incident.state


def ticked(page: Any) -> set[str]:
    """The values of all selected radio buttons and checkboxes."""
    inputs = re.findall(r"<input[^>]*>", page.content.decode())
    return {value for each in inputs if " checked" in each for value in re.findall(r'value="([^"]*)"', each)}


def disabled(page: Any) -> dict[str, str]:
    """Label and reason of every disabled button."""
    found = re.findall(r'<button type="submit" disabled title="([^"]*)">(.*?)</button>', page.content.decode())
    return {label: reason for reason, label in found}


def test_buttons_tell_why_not(incident: Incident, ana: User, sena: User) -> None:
    client = client_of(ana)
    not_now = "Not possible in the state “{}”."
    assert disabled(client.get(url(incident))) == {
        "Record": "Claim the incident first.",
        "Skip": not_now.format("waiting"),
        "Extend": not_now.format("waiting"),
        "Close: no further action possible": not_now.format("waiting"),
        "Release": not_now.format("waiting"),
        "Hand over": not_now.format("waiting"),
        "Reopen": not_now.format("waiting"),
        "Place legal hold": "Only senior analysts may place or release legal holds.",
    }
    claimed(incident, sena)
    colleague = "A colleague is working on this incident."
    page = client.get(url(incident))
    assert disabled(page) == {
        "Claim": colleague,
        "Record": colleague,
        "Skip": colleague,
        "Extend": colleague,
        "Close: no further action possible": not_now.format("in review"),
        "Release": colleague,
        "Hand over": colleague,
        "Reopen": not_now.format("in review"),
        "Place legal hold": "Only senior analysts may place or release legal holds.",
    }
    assert "Claimed by sena for 30 more minutes" in shown(page)
    # The reason is also shown as text, for users without a mouse; and refused actions show no fields.
    assert shown(page).count(colleague) == 6
    assert 'name="verdict"' not in page.content.decode()


def test_claim_release_and_hand_over(incident: Incident, ana: User, sena: User, ben: User, olga: User) -> None:
    client = client_of(ana)
    assert "Incident claimed." in shown(client.post(url(incident, "claim"), follow=True))
    page = client.get(url(incident), {"open": "hand_over"})
    assert "Yours for 30 more minutes" in shown(page)
    # Colleagues are analysts who share a portal that sighted it: neither Ben nor Olga.
    assert re.findall(r'<option value="\d+">(\w+)</option>', page.content.decode()) == ["sena"]

    assert client.post(url(incident, "release"), {"fence": fence(incident)}).status_code == 302
    assert state(incident) == State.WAITING
    client.post(url(incident, "claim"))
    answer = client.post(url(incident, "hand-over"), {"fence": fence(incident), "to": ben.pk})
    assert answer.status_code == 422
    answer = client.post(url(incident, "hand-over"), {"fence": fence(incident), "to": sena.pk})
    assert answer.status_code == 302
    incident.refresh_from_db()
    assert incident.claimed_by == sena


def test_assess_illegal_refer_and_close(incident: Incident, ana: User) -> None:
    client = client_of(ana)
    client.post(url(incident, "claim"))
    verdict = {
        "fence": fence(incident),
        "verdict": "illegal",
        "basis": "seen",
        "severity": "B",
        "age_band": "7-10",
        "sex": "girls",
        "site_type": "forum",
        "commerciality": "commercial",
        "flags": ["ai_generated", "drawn"],
    }
    assert client.post(url(incident, "assess"), verdict).status_code == 302
    made = Assessment.objects.get()
    assert (made.by, made.verdict, made.severity, made.age_band, made.sex, made.flags) == (
        ana,
        "illegal",
        "B",
        "7-10",
        "girls",
        ["ai_generated", "drawn"],
    )

    referral = {"kind": "host", "name": "Example Hosting (example.net)", "reason": "It is theirs."}
    assert client.post(url(incident, "refer"), referral).status_code == 302
    assert Referral.objects.get().recipient == "Example Hosting (example.net)"
    again = client.post(url(incident, "refer"), referral)
    assert again.status_code == 409
    assert "This incident is already referred to this recipient." in shown(again)
    assert client.post(url(incident, "close")).status_code == 302
    assert state(incident) == State.CLOSED

    page = shown(client.get(url(incident), ALL_OPEN))
    assert "No further action possible" in page
    assert "was to be notified (Example Hosting (example[.]net)) ana" in page
    assert (
        "illegal (B: non-penetrative; \u200e7–10; girls; forum; commercial; AI-generated; virtual or drawn) ana" in page
    )
    assert client.post(url(incident, "reopen")).status_code == 302
    assert state(incident) == State.WAITING


def test_assess_anything_else_closes_with_a_reason(incident: Incident, ana: User) -> None:
    client = client_of(ana)
    client.post(url(incident, "claim"))
    other = {"site_type": "not_determined", "commerciality": "not_determined"}
    sent = {"fence": fence(incident), "verdict": "not_assessed", "reason": "site_down", **other}
    assert client.post(url(incident, "assess"), sent).status_code == 302
    assert state(incident) == State.CLOSED


@pytest.mark.parametrize(
    ("verdict", "others", "wrong"),
    [
        ("illegal", {}, {"severity", "age_band", "sex"}),
        ("illegal", {"severity": "A", "age_band": "0-2", "sex": "boys", "reason": "adult"}, {"reason"}),
        ("not_illegal", {}, {"reason"}),
        ("not_illegal", {"reason": "adult", "severity": "A", "sex": "boys"}, {"severity", "sex"}),
        ("", {"reason": "adult"}, {"verdict"}),
        ("nonsense", {}, {"verdict"}),
    ],
)
def test_assessment_that_contradicts_itself_is_shown_again(
    incident: Incident, ana: User, verdict: str, others: dict[str, str], wrong: set[str]
) -> None:
    client = client_of(ana)
    client.post(url(incident, "claim"))
    sent = {"site_type": "blog", "commerciality": "not_determined", "fence": fence(incident), "verdict": verdict}
    page = client.post(url(incident, "assess"), sent | others)

    assert page.status_code == 422
    led_to = re.findall(r'<a href="#assess_(\w+)">', page.content.decode())
    # The link to a group of options points to its first option.
    assert {name.removesuffix("_0") for name in led_to} == wrong
    assert all(f'id="assess_{name}"' in page.content.decode() for name in led_to)
    assert re.search(r"<title>\s*Error:", page.content.decode())
    # The input is kept.
    assert "blog" in ticked(page)
    assert Assessment.objects.count() == 0
    assert state(incident) == State.CLAIMED


def test_late_assessment_changes_nothing_and_keeps_what_was_typed(incident: Incident, ana: User, sena: User) -> None:
    client = client_of(ana)
    client.post(url(incident, "claim"))
    old = fence(incident)
    actions.release(by=ana, incident=incident, fence=old)
    claimed(incident, ana)
    sent = {
        "fence": old,
        "verdict": "not_illegal",
        "reason": "adult",
        "site_type": "blog",
        "commerciality": "not_determined",
    }
    page = client.post(url(incident, "assess"), sent)

    assert page.status_code == 409
    assert "Your claim has ended and the incident has changed since. Nothing was saved." in shown(page)
    assert "adult" in ticked(page)
    assert Assessment.objects.count() == 0

    actions.release(by=ana, incident=incident, fence=fence(incident))
    claimed(incident, sena)
    page = client.post(url(incident, "assess"), sent)
    assert page.status_code == 403
    assert "A colleague is working on this incident." in shown(page)
    assert "adult" in ticked(page)
    assert Assessment.objects.count() == 0


def test_second_claim_is_refused_while_a_colleague_works_on_the_incident(
    incident: Incident, ana: User, sena: User
) -> None:
    claimed(incident, sena)
    page = client_of(ana).post(url(incident, "claim"))

    assert page.status_code == 403
    assert "A colleague is working on this incident." in shown(page)
    incident.refresh_from_db()
    assert incident.claimed_by == sena


@pytest.mark.parametrize(
    "recipient",
    [
        "https://bad.example.org/gallery",
        "see bad.example.org/gallery/1",
        "bad.example?v=1",
        "http://bad.example#top",
        "192.0.2.7:8080",
        "tg://resolve?domain=placeholder",
        "placeholder.onion",
    ],
)
def test_recipient_never_names_what_was_reported(incident: Incident, ana: User, recipient: str) -> None:
    assessed_illegal(incident, ana)
    page = client_of(ana).post(url(incident, "refer"), {"kind": "host", "name": recipient, "reason": "r"})

    assert page.status_code == 403
    assert "This name contains an address or the reported site." in shown(page)
    assert Referral.objects.count() == 0


def test_recipient_is_not_the_reported_host_itself(belize: Portal, ana: User) -> None:
    incident = incident_of(belize, "https://bad.example/")
    assessed_illegal(incident, ana)
    client = client_of(ana)

    assert (
        client.post(url(incident, "refer"), {"kind": "host", "name": "Bad.example", "reason": "r"}).status_code == 403
    )
    assert client.post(url(incident, "refer"), {"kind": "host", "name": "", "reason": "r"}).status_code == 422
    assert (
        client.post(url(incident, "refer"), {"kind": "host", "name": "host.example", "reason": "r"}).status_code == 302
    )
    assert [referral.recipient for referral in Referral.objects.all()] == ["host.example"]
    # The audit event does not name the colleague: it is kept forever, unencrypted.
    assert "host.example" not in str(list(AuditEvent.objects.values_list("details", flat=True)))


def test_question_reaches_the_receipt_and_the_answer_the_page(belize: Portal, zambia: Portal, ana: User) -> None:
    code = send_report(belize, ADDRESS)
    intake.take_in()
    credentials = receipts.derive_credentials(code)
    report = Report.objects.get(pk=credentials.receipt_id)
    incident = Incident.objects.get(sightings__report=report)
    client = client_of(ana)
    reveal(client, incident)

    empty = client.post(url(incident, f"ask/{report.pk}"), {"question": "  "})
    assert empty.status_code == 422
    assert client.post(url(incident, f"ask/{report.pk}"), {"question": "Which page?"}).status_code == 302
    assert "Which page?" not in shown(client.get(url(incident)))
    page = shown(client.post(url(incident, "show-words"), follow=True))
    assert "Which page?" in page
    assert "No answer yet." in page

    receipt = reporters.look_up(credentials)
    assert receipt
    [message] = receipt.messages
    reporters.store_submission(
        credentials=credentials,
        kind=SubmissionKind.ANSWER,
        payload={"message": str(message.id), "answer": "The second one"},
        portal=published.portals_by_slug()["bz"],
        language="en",
    )
    intake.take_in()
    page = shown(client.get(url(incident)))
    assert re.search(r"Which page\? Answer The second one", page)
    assert "No answer yet." not in page
    # A question to another portal's report cannot be asked through this incident.
    foreign = report_of(zambia, ADDRESS)
    assert client.post(url(incident, f"ask/{foreign.pk}"), {"question": "?"}).status_code == 404
    assert "The second one" not in shown(client_of(ana).get(url(incident)))


def test_same_site_is_shown_as_far_as_it_is_hers(belize: Portal, zambia: Portal, ana: User) -> None:
    incident = incident_of(belize, "https://bad.example.org/1")
    decided = incident_of(belize, "https://www.bad.example.org/2")
    assessed_illegal(decided, ana)
    foreign = incident_of(zambia, "https://bad.example.org/3")
    elsewhere = incident_of(belize, "https://good.example.net/1")
    client = client_of(ana)
    counted, page = (client.get(url(incident), query).content.decode() for query in ({}, {"open": "relations"}))

    assert re.findall(r'data-lists>([\w ]+)</a>\s*<span class="quiet">(\d+)', counted) == [("Same site", "1")]
    assert "data-row" not in counted
    section = page[page.index('id="relations-title"') :]
    assert re.findall(r'href="/admin/incidents/([0-9a-f-]{36})/"', section) == [str(decided.pk)]
    assert "illegal" in section
    assert str(foreign.pk) not in page
    assert str(elsewhere.pk) not in page


def test_reports_have_pages_and_history_a_place(belize: Portal, ana: User) -> None:
    now = timezone.now()
    for hours in range(REPORTS_PER_PAGE + 1):
        report_of(belize, ADDRESS, now=now - timedelta(hours=hours))
    incident = Incident.objects.get()
    assessed_not_found(incident, ana)
    client = client_of(ana)
    first, second = client.get(url(incident), ALL_OPEN), client.get(url(incident), {"page": "2"})

    assert first.content.decode().count('<article class="card report"') == REPORTS_PER_PAGE
    assert second.content.decode().count('<article class="card report"') == 1
    assert "could not assess (content not found) ana" in shown(first)


def test_incident_page_asks_as_many_queries_for_five_reports_as_for_one(
    belize: Portal, ana: User, django_assert_num_queries: Any
) -> None:
    report_of(belize, ADDRESS)
    incident = Incident.objects.get()
    client = client_of(ana)
    queries = 14
    with django_assert_num_queries(queries):
        client.get(url(incident))
    for _ in range(4):
        report_of(belize, ADDRESS)
    with django_assert_num_queries(queries):
        client.get(url(incident))
