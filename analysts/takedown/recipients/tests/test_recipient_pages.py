"""The recipient pages: permissions, forms, filters, import and query counts."""

import csv
from datetime import UTC, date, datetime, timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext

from analysts.codes import Role
from analysts.models import Assessment, Recipient, Referral, User
from analysts.takedown.recipients import actions, sheet
from analysts.takedown.recipients.tests.test_performance import create_notified_referral, verdict
from audit.models import AuditEvent
from audit.permissions import Denied
from tests.rig.fixtures import client_of, create_person

__all__ = ["verdict"]

LIST, IMPORT = "/admin/recipients/", "/admin/recipients/import/"
# Query counts, independent of the number of rows.
LIST_QUERIES, RECIPIENT_QUERIES, LEAGUE_QUERIES = 7, 11, 6
FILLED = {
    "kind": "host",
    "name": "Example Hosting",
    "country": "NL",
    "channel": "email",
    "email": "abuse@hosting.example.org",
    "first_language": "fr",
    "further_languages": ["en"],
    "time_zone": "Europe/Amsterdam",
    "works_from": "09:00",
    "works_until": "17:00",
    "workdays": ["0", "1", "2", "3", "4"],
    "blocked_days": "2026-12-24 - 2026-12-26\n2027-01-01\n",
    "source": "their own site",
}


def recipient(**fields: Any) -> Recipient:
    shown = {"kind": "host", "name": "Example Hosting", "email": "abuse@hosting.example.org", "country": "NL"}
    row = Recipient(**shown | fields)
    if row.verified_on:
        row.mark_verified()
    row.save()
    return row


def page_of(found: Recipient, act: str = "") -> str:
    return f"{LIST}{found.pk}/{act}"


def test_dashboard_and_filter_show_verifiers_the_recipients_to_verify(
    olga: User, sena: User, ana: User, verdict: Assessment
) -> None:
    """The dashboard and the filter point to unverified recipients with open referrals."""
    wanted, other = recipient(name="Wanted Hosting"), recipient(name="Other Hosting")
    Referral.objects.create(
        incident=verdict.incident, assessment=verdict, kind="takedown", to=wanted, by=ana, at=verdict.at
    )
    line = "1 recipient waits for a second person"
    assert [line in client_of(user).get("/admin/").text for user in (olga, sena, ana)] == [True, True, False]
    listed = client_of(olga).get(f"{LIST}?state=wanted").text
    assert (wanted.name in listed, other.name in listed) == (True, False)

    actions.verify(by=olga, recipient=wanted, digest_on_page=wanted.value_digest())
    assert line not in client_of(olga).get("/admin/").text


def test_operator_enters_one_and_a_second_person_verifies_it(olga: User, sena: User) -> None:
    answer = client_of(olga).post(f"{LIST}add/", FILLED, follow=True)
    [made] = Recipient.objects.all()
    assert "Monday to Friday, 09:00 to 17:00 (Europe/Amsterdam)" in answer.text
    assert "You entered the contact details. A second person has to verify them." in answer.text
    assert made.languages == ["fr", "en"]
    assert made.blocked_days == [date(2026, 12, 24), date(2026, 12, 25), date(2026, 12, 26), date(2027, 1, 1)]

    client_of(olga).post(page_of(made, "verify/"), {"digest": made.value_digest()})
    made.refresh_from_db()
    assert made.verified_on is None
    page = client_of(sena).get(page_of(made))
    client_of(sena).post(page_of(made, "verify/"), {"digest": page.context["verify_form"].initial["digest"]})

    made.refresh_from_db()
    assert made.verified_by == sena
    assert "Verified by sena on" in client_of(olga).get(page_of(made)).text


def test_recipient_changed_since_the_page_was_opened_is_not_verified(olga: User, sena: User) -> None:
    found = recipient()
    looked_at = client_of(sena).get(page_of(found)).context["verify_form"].initial["digest"]
    actions.change_recipient(by=olga, recipient=found, details={"email": "stranger@example.net"})

    answer = client_of(sena).post(page_of(found, "verify/"), {"digest": looked_at}, follow=True)

    assert "have changed since you opened the page" in answer.text
    found.refresh_from_db()
    assert found.verified_on is None


def test_account_made_since_the_details_were_changed_does_not_verify_them(olga: User) -> None:
    found = actions.add_recipient(by=olga, details={"kind": "host", "name": "Example", "email": "desk@example.org"})
    with pytest.raises(Denied, match="A second person"):
        actions.verify(by=olga, recipient=found, digest_on_page=found.value_digest())
    newcomer = User.objects.create(username="newcomer", role=Role.OPERATOR)
    with pytest.raises(Denied, match="after this was requested"):
        actions.verify(by=newcomer, recipient=found, digest_on_page=found.value_digest())
    actions.verify(by=create_person("otto", Role.OPERATOR), recipient=found, digest_on_page=found.value_digest())


def test_change_of_where_it_is_reached_takes_the_verification_away(olga: User, sena: User) -> None:
    found = recipient(verified_on=date(2026, 1, 1), verified_by=sena, time_zone="Europe/Amsterdam")
    client = client_of(olga)
    form = client.get(page_of(found, "change/")).context["form"]
    same = {name: form[name].value() for name in form.fields if form[name].value() not in (None, False)}

    client.post(page_of(found, "change/"), same | {"works_from": "08:00", "works_until": "16:00"})
    found.refresh_from_db()
    assert (found.verified_by, found.changed_by) == (sena, None)

    answer = client.post(page_of(found, "change/"), same | {"email": "desk@hosting.example.org"}, follow=True)
    found.refresh_from_db()
    assert "A second person has to verify the recipient again." in answer.text
    assert (found.verified_by, found.verified_on, found.changed_by) == (None, None, olga)
    assert AuditEvent.objects.latest("number").details == {
        "kind": "host",
        "changes": {
            "email": {"before": "abuse@hosting.example.org", "after": "desk@hosting.example.org"},
            "verified_on": {"before": "2026-01-01", "after": None},
            "works_from": {"before": "08:00:00", "after": None},
            "works_until": {"before": "16:00:00", "after": None},
        },
    }


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("name", "EXAMPLE hosting ltd", "A recipient with this type and name already exists."),
        ("name", "", "This field is required."),
        ("email", "abuse", "Enter a valid email address."),
        ("works_until", "", "Enter an end time, or leave both fields empty."),
        ("works_until", "08:00", "Working hours must end after they begin, on the same day."),
        ("time_zone", "Atlantis/Capital", "Select a valid choice."),
        ("blocked_days", "2026-02-29", "contains a date that does not exist"),
        ("blocked_days", "Christmas", "is not a valid day (2026-12-25)"),
        ("blocked_days", "2026-12-26 - 2026-12-24", "ends before it begins"),
        ("blocked_days", "2026-01-01 - 2036-01-01", "is longer than 92 days"),
    ],
)
def test_form_says_what_is_wrong_and_keeps_what_was_typed(olga: User, field: str, value: str, said: str) -> None:
    recipient(name="Example Hosting Ltd")

    answer = client_of(olga).post(f"{LIST}add/", FILLED | {field: value})

    assert answer.status_code == 422
    assert said in answer.text
    assert answer.context["form"]["source"].value() == "their own site"
    assert Recipient.objects.count() == 1


def test_analysts_see_hours_and_history_and_change_nothing(ana: User) -> None:
    found = recipient()
    client = client_of(ana)

    page = client.get(page_of(found)).text

    assert "Every day, at any time (UTC)" in page
    assert "Operators and senior analysts can verify recipients." in page
    assert page_of(found, "change/") not in page
    assert IMPORT not in client.get(LIST).text
    for act in ("change/", "verify/", "close-down/", "reopen/"):
        assert client.post(page_of(found, act)).status_code == 403
    found.refresh_from_db()
    assert (found.verified_on, found.closed_on) == (None, None)


def test_reactivated_recipient_must_be_verified_again(olga: User, sena: User) -> None:
    found = recipient(verified_on=date(2026, 1, 1), verified_by=sena)
    client = client_of(olga)

    client.post(page_of(found, "close-down/"))
    assert "Deactivated on" in client.get(page_of(found)).text
    assert found.name not in client.get(LIST).text
    assert found.name in client.get(f"{LIST}?state=closed").text
    assert "Reactivate it first" in str(
        client_of(sena).post(page_of(found, "verify/"), {"digest": found.value_digest()}, follow=True).content
    )
    client.post(page_of(found, "reopen/"))

    found.refresh_from_db()
    assert (found.closed_on, found.verified_on) == (None, None)


def test_list_is_narrowed_down_and_costs_the_same_for_thirty(ana: User, sena: User) -> None:
    recipient()
    client = client_of(ana)

    def cost(page: str) -> int:
        client.get(page)
        with CaptureQueriesContext(connection) as queries:
            client.get(page)
        return len(queries)

    assert cost(LIST) == LIST_QUERIES
    for number in range(29):
        recipient(kind="police", name=f"Police {number}", country="BZ", verified_on=date(2026, 1, 1), verified_by=sena)
    assert cost(LIST) == LIST_QUERIES
    recipient(name="One more")
    names = [row.recipient.name for row in client.get(f"{LIST}?page=2").context["rows"]]
    assert names == ["Police 9"]
    found = {
        query: client.get(f"{LIST}?{query}").context["page"].paginator.count
        for query in ("kind=police", "country=NL", "state=unverified", "name=POLICE 1", "kind=nobody", "state=closed")
    }
    assert found == {
        "kind=police": 29,
        "country=NL": 2,
        "state=unverified": 2,
        "name=POLICE 1": 11,
        "kind=nobody": 31,
        "state=closed": 0,
    }


def test_recipient_and_performance_pages_use_constant_queries(ana: User, verdict: Any) -> None:
    client, found = client_of(ana), recipient()
    ago = (datetime.now(UTC) - datetime(2026, 11, 25, 12, tzinfo=UTC)) / timedelta(days=-1)

    def cost(page: str) -> int:
        client.get(page)
        with CaptureQueriesContext(connection) as queries:
            client.get(page)
        return len(queries)

    for hosts in (1, 12):
        for number in range(hosts):
            there = recipient(name=f"Host {hosts} {number}")
            for hours in (2, 20, 200):
                create_notified_referral(there, verdict, hours=hours + number, days_ago=30 + ago)
                create_notified_referral(found, verdict, hours=hours, days_ago=30 + ago)
        assert (cost(page_of(found)), cost(f"{LIST}performance/")) == (RECIPIENT_QUERIES, LEAGUE_QUERIES)
    league = client.get(f"{LIST}performance/")
    assert "among the fastest tenth" in league.text
    assert "20 hours" in league.text
    slowest = client.get(f"{LIST}performance/?order=slowest").context["providers"][0]
    assert (slowest.name, slowest.place, slowest.tenth) == ("Host 12 11", 14, "slowest")


HEADER = ",".join(sheet.COLUMNS)


def preview(olga: User, text: str | bytes, **sent: Any) -> Any:
    file = {"file": SimpleUploadedFile("a.csv", text)} if isinstance(text, bytes) else {"text": text}
    return client_of(olga).post(IMPORT, file | sent)


def test_import_shows_what_it_would_do_then_does_it_and_does_nothing_twice(olga: User, sena: User) -> None:
    known = recipient(name="example HOSTING", verified_on=date(2026, 1, 1), verified_by=sena)
    shown = preview(olga, b"\xef\xbb\xbf" + sheet.EXAMPLE.encode())

    assert (len(shown.context["added"]), len(shown.context["changed"]), shown.context["refused"]) == (2, 1, [])
    assert "A second person has to verify this recipient again." in shown.text
    assert Recipient.objects.count() == 1

    sent = {"text": shown.context["text"], "digest": shown.context["digest"]}
    client_of(olga).post(IMPORT, sent)

    assert Recipient.objects.count() == 3
    assert {each.is_usable for each in Recipient.objects.all()} == {False}
    police = Recipient.objects.get(kind="police")
    assert police.workdays == [0, 1, 2, 3, 4]
    assert police.blocked_days[-1] == date(2027, 1, 2)
    assert police.changed_by == olga
    known.refresh_from_db()
    assert (known.name, known.time_zone) == ("Example Hosting", "Europe/Amsterdam")
    actions.verify(by=sena, recipient=police, digest_on_page=police.value_digest())
    events = AuditEvent.objects.count()

    again = preview(olga, sheet.EXAMPLE)
    assert len(again.context["unchanged"]) == 3
    client_of(olga).post(IMPORT, {"text": sheet.EXAMPLE, "digest": again.context["digest"]})

    police.refresh_from_db()
    assert police.is_usable
    assert AuditEvent.objects.filter(action__in=["recipient.add", "recipient.change"]).count() == 3
    assert AuditEvent.objects.count() == events


def test_import_keeps_the_good_lines_and_says_why_not_of_the_others(olga: User) -> None:
    lines = [
        "host;Good Hosting;good@example.org;yes",
        "host;=HYPERLINK(1);a@example.org;no",
        "host;+1 Hosting;a@example.org;no",
        "host;Nul\0Hosting;a@example.org;no",
        "host;Bad Mail;nobody;no",
        "host;good HOSTING;other@example.org;no",
        "tenant;Wrong Kind;a@example.org;no",
        "host;;a@example.org;no",
        "host;Perhaps;a@example.org;perhaps",
        "host;Too;many@example.org;no;more",
        '"host";"Several\nlines";a@example.org;no',
        "Hosting provider;By Label;label@example.org;no",
        'host;"never closed;a@example.org;no',
        "host;Lost;a@example.org;no",
    ]
    shown = preview(olga, ("kind;name;email;defang\n" + "\n".join(lines)).encode())

    assert [line.name for line in shown.context["added"]] == ["Good Hosting", "By Label"]
    reasons = {line.number: line.reasons[0] for line in shown.context["refused"]}
    assert reasons == {
        3: "name: starts with =, +, - or @, like a formula.",
        4: "name: starts with =, +, - or @, like a formula.",
        5: "name: contains an invisible character.",
        6: "E-mail: Enter a valid email address.",
        7: "This is the same recipient as in line 2.",
        8: "Type: Select a valid choice. tenant is not one of the available choices.",
        9: "Name: This field is required.",
        10: "defang: enter yes or no.",
        11: "This line has more cells than there are columns.",
        12: "A cell spans several lines. A quotation mark may be missing.",
        15: "The file cannot be read from this line on: a quotation mark is missing or extra.",
    }
    client_of(olga).post(IMPORT, {"text": shown.context["text"], "digest": shown.context["digest"]})
    assert sorted(Recipient.objects.values_list("name", "defang")) == [("By Label", False), ("Good Hosting", True)]


def test_import_says_everything_that_is_wrong_with_a_line(olga: User) -> None:
    text = "kind,name,defang,workdays,email,country\nhost,Example Hosting,perhaps,someday,nobody,Belize"
    [line] = preview(olga, text).context["refused"]

    assert line.reasons == [
        "defang: enter yes or no.",
        "“someday” is not a workday. Write mon-fri, or mon wed fri.",
        "Country: Select a valid choice. BELIZE is not one of the available choices.",
        "E-mail: Enter a valid email address.",
    ]


def test_import_ignores_verification_columns(olga: User) -> None:
    header = ("kind", "name", "channel", "verified_on", "verified_by")
    line = ("host", "Example Hosting", "manual: telephone, letter or their own system", "2026-01-01", "olga")
    text = "\t".join(header) + "\n" + "\t".join(line)
    shown = preview(olga, text)
    assert "These columns are ignored: verified_by, verified_on." in shown.text

    client_of(olga).post(IMPORT, {"text": text, "digest": shown.context["digest"]})

    made = Recipient.objects.get()
    assert (made.channel, made.verified_on, made.verified_by) == ("by_hand", None, None)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (b"\xff\xfe" + "kind,name\nhost,A".encode("utf-16-le"), "This is not UTF-8 text."),
        ("kind,name\nhost,Caf\xe9".encode("latin-1"), "This is not UTF-8 text."),
        (b"kind,name\nhost," + b"x" * 10_000_000, "This is more than 256 kB."),
        ("kind,name\nhost," + "x" * 300_000, "This is more than 256 kB."),
        (b"kind,name\n" + b"".join(b"host,Host %d\n" % number for number in range(501)), "more than 500 lines"),
        (b"name,email\nA,a@example.org", "Missing columns: kind."),
        (b"kind,name,email,email\nhost,A,a@example.org,b@example.org", "These columns appear more than once: email."),
        (b"\0\0\0", "Missing columns: kind, name."),
        ('"', "Missing columns: kind, name."),
        ("", "Choose a file, or paste text below."),
        (b"", "Missing columns: kind, name."),
    ],
)
def test_import_says_what_is_wrong_with_a_whole_file(olga: User, text: str | bytes, said: str) -> None:
    answer = preview(olga, text)

    assert answer.status_code == 422
    assert said in answer.text
    assert not Recipient.objects.exists()


def test_import_of_far_too_much_pasted_text_is_answered_in_words(olga: User) -> None:
    assert preview(olga, "kind,name\nhost," + "x" * 10_000_000).status_code == 413


@pytest.mark.parametrize("name", ["Example\u00a0Hosting", "Example \u2003 Hosting", "\u0130stanbul Hosting", "ΟΔΟΣ"])
def test_import_knows_a_name_again_however_a_spreadsheet_writes_it(olga: User, name: str) -> None:
    text = f"kind,name,country\nhost,{name},NL"
    client_of(olga).post(IMPORT, {"text": text, "digest": preview(olga, text).context["digest"]})
    assert Recipient.objects.get().name == " ".join(name.split())

    assert [line.outcome for line in preview(olga, text).context["sheet"].lines] == ["keep"]
    twice = preview(olga, f"{text}\nhost,{' '.join(name.split())},NL")
    assert [line.outcome for line in twice.context["sheet"].lines] == ["keep", "refuse"]


def test_import_confirms_only_what_was_shown(olga: User) -> None:
    text = "kind,name,country\nhost,Example Hosting,BZ"
    shown = preview(olga, text)
    recipient()

    moved = preview(olga, text, digest=shown.context["digest"])

    assert moved.context["moved"]
    assert "have changed since the preview" in moved.text
    assert Recipient.objects.get().country == "NL"


def test_example_of_the_import_is_a_file_that_it_takes(olga: User) -> None:
    answer = client_of(olga).get(f"{LIST}example.csv")

    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert next(csv.reader(StringIO(answer.content.decode("utf-8-sig")))) == list(sheet.COLUMNS)
    assert preview(olga, answer.content).context["refused"] == []
    page = client_of(olga).get(IMPORT).text
    assert all(f">{column}<" in page for column in sheet.COLUMNS)
