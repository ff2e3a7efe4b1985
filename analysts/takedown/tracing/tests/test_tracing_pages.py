"""The hosting section of the incident page: its text and its forms."""

import re
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format

from analysts.models import HostingTrace, Incident, Recipient, RecipientKind, TraceMethod, User
from analysts.takedown.tracing.page_section import Hosting
from analysts.takedown.tracing.tests.test_tracing import BGP, DNS, HEADERS, WHOIS, illegal, now, traced
from analysts.tests.chases import found_gone
from analysts.tests.factories import assessed_illegal, incident_of
from analysts.tests.mmdb import HOSTED, NETWORK, mmdb
from analysts.tests.sections import ALL_OPEN, content_of
from audit.models import AuditEvent
from countries.models import Portal
from tests.rig.fixtures import client_of

__all__ = ["illegal", "now"]


def url(incident: Incident, act: str = "") -> str:
    return f"/admin/incidents/{incident.pk}/{act}"


def section(page: Any) -> str:
    """The text of the section; "" where there is none."""
    found = re.search(r'<section class="card" id="hosting".*?</section>', page.content.decode(), re.DOTALL)
    return " ".join(re.sub(r"<[^>]+>", " ", found[0]).split()) if found else ""


def field(page: Any, name: str) -> Any:
    return content_of(page, Hosting).button.form[name].value()


def sent(**more: Any) -> dict[str, Any]:
    return {"methods": "dns", "country": "NL", "provider": "Alpha Hosting", "network": "", "note": "", "at": "", **more}


def test_page_says_what_is_missing_agreed_and_in_the_way(illegal: Incident, ana: User, now: datetime) -> None:
    client = client_of(ana)
    page = section(client.get(url(illegal), ALL_OPEN))
    assert "Not traced yet. A route is proposed once 3 methods name the same" in page

    traced(illegal, ana, now - timedelta(minutes=9), DNS, network="AS64496 Example Net", note="twice")
    page = section(client.get(url(illegal), ALL_OPEN))
    assert "1 of 3 methods name Netherlands, Alpha Hosting . 2 more methods must name the same place." in page
    assert "DNS look-up Netherlands, Alpha Hosting AS64496 Example Net (twice) ana, " in page

    traced(illegal, ana, now - timedelta(minutes=8), WHOIS, BGP)
    page = section(client.get(url(illegal), ALL_OPEN))
    assert "Netherlands, Alpha Hosting AS64496 Example Net 3 methods agree." in page

    traced(illegal, ana, now - timedelta(minutes=7), HEADERS, country="US", provider="Beta.example, Inc.")
    page = section(client.get(url(illegal), ALL_OPEN))
    assert "Hosting not agreed: one method names another place (server headers)." in page
    assert "Until then the previously agreed hosting applies: Netherlands, Alpha Hosting." in page
    assert "server headers United States, Beta[.]example, Inc. another place ana, " in page

    traced(illegal, ana, now - timedelta(minutes=6), HEADERS)
    page = section(client.get(url(illegal), ALL_OPEN))
    assert "4 methods agree." in page
    assert "server headers United States, Beta[.]example, Inc. replaced by a newer trace ana, " in page


def test_section_is_there_from_the_verdict_on(belize: Portal, ana: User) -> None:
    incident, client = incident_of(belize), client_of(ana)
    assert section(client.get(url(incident), ALL_OPEN)) == ""
    assessed_illegal(incident, ana)
    assert "Enter a trace" in section(client.get(url(incident), ALL_OPEN))
    found_gone(incident, ana)
    after = section(client.get(url(incident), ALL_OPEN))
    assert after.startswith("Hosting trace")
    assert "Enter a trace" not in after


def test_traces_are_entered_one_after_another(illegal: Incident, ana: User) -> None:
    client = client_of(ana)
    assert "Suggested as" not in section(client.get(url(illegal), ALL_OPEN))
    answer = client.post(url(illegal, "trace/"), sent(network="AS64496 Example Net", ip="192.0.2.7"))
    assert answer.headers["Location"] == f"{url(illegal)}#hosting"
    page = client.get(url(illegal), ALL_OPEN)
    # The form keeps the place for the next trace, and says of when, but not the method, IP address, note and time.
    place = [field(page, name) for name in ("methods", "country", "provider", "network", "ip", "note", "at")]
    assert place == [None, "NL", "Alpha Hosting", "AS64496 Example Net", None, None, None]
    day = date_format(timezone.localtime(HostingTrace.objects.get().at), "j M Y, H:i")
    assert f"Suggested as it was traced on {day} ." in section(page)
    for method in ("whois_address", "bgp"):
        client.post(url(illegal, "trace/"), sent(methods=method))
    assert "3 methods agree." in section(client.get(url(illegal), ALL_OPEN))
    kept = HostingTrace.objects.latest("recorded_at")
    assert (kept.by, kept.recorded_at - kept.at < timedelta(seconds=9)) == (ana, True)


def test_known_hosts_are_offered_and_what_is_no_host_is_not(illegal: Incident, ana: User, olga: User) -> None:
    Recipient.objects.create(kind=RecipientKind.HOST, name="Beta Hosting", country="NL")
    Recipient.objects.create(kind=RecipientKind.HOST, name="Given up", closed_on="2026-01-01")
    Recipient.objects.create(kind=RecipientKind.POLICE, name="Police")
    page = client_of(ana).get(url(illegal), ALL_OPEN).content.decode()
    assert re.findall(r'<option value="([^"]*)">Netherlands</option>', page) == ["NL", "Beta Hosting"]


def test_moment_is_entered_in_utc(illegal: Incident, ana: User) -> None:
    at = (timezone.now() - timedelta(minutes=30)).replace(second=0, microsecond=0)
    client_of(ana).post(url(illegal, "trace/"), sent(at=f"{at:%Y-%m-%dT%H:%M}"))
    assert HostingTrace.objects.get().at == at


@pytest.mark.parametrize(
    ("wrong", "said", "status"),
    [
        ({"methods": []}, "This field is required.", 422),
        ({"methods": "magic"}, "Select a valid choice. magic is not one of the available choices.", 422),
        ({"country": "EU"}, "Select a valid choice. EU is not one of the available choices.", 422),
        ({"provider": "  "}, "This field is required.", 422),
        ({"methods": "other"}, "Specify the other method.", 422),
        ({"methods": "file"}, "Select a valid choice. file is not one of the available choices.", 422),
        ({"at": "yesterday"}, "Enter a valid date/time.", 422),
        ({"at": "2999-01-01T00:00"}, "This time is in the future.", 403),
        ({"note": "see https://example.org/gallery"}, "The note contains an address.", 403),
    ],
)
def test_refused_trace_comes_back_as_it_was_typed(
    illegal: Incident, ana: User, wrong: dict[str, Any], said: str, status: int
) -> None:
    page = client_of(ana).post(url(illegal, "trace/"), sent(network="AS64496", **wrong))
    assert page.status_code == status
    assert said in page.content.decode()
    assert field(page, "network") == "AS64496"
    assert not HostingTrace.objects.exists()


# --- The network file -----------------------------------------------------------------------------------------------


@pytest.fixture
def file(tmp_path: Path, settings: Any) -> Path:
    path = tmp_path / "networks.mmdb"
    path.write_bytes(mmdb({"192.0.2.0/24": {**HOSTED, **NETWORK}}, made=timezone.now()))
    settings.NETWORKS_FILE = [str(path)]
    return path


def look_up(by: User, incident: Incident, typed: str) -> Any:
    return client_of(by).post(url(incident, "look-up-network/"), {"ip": typed})


def test_file_fills_the_form_and_keeps_nothing(illegal: Incident, ana: User, file: Path) -> None:
    page = look_up(ana, illegal, "192.0.2.99")
    assert page.status_code == 200
    place = [field(page, name) for name in ("methods", "country", "provider", "network")]
    assert place == [["file"], "NL", "Example Net", "AS64496 Example Net"]
    assert ": Netherlands, AS64496 Example Net. Complete the trace and save it." in page.content.decode()
    # The prefilled form shows no errors.
    assert "There is a problem" not in page.content.decode()
    assert not HostingTrace.objects.exists()
    assert "192.0.2.99" not in page.content.decode()
    assert "192.0.2" not in str(list(AuditEvent.objects.values()))
    assert client_of(ana).post(url(illegal, "trace/"), sent(methods="file")).status_code == 302


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("placeholder.example.org", "This is not an IP address. Names are not looked up here"),
        ("https://placeholder.example.org/", "This is not an IP address. Names are not looked up here"),
        ("198.51.100.7", "The network file has no entry for this IP address."),
        ("", "This field is required."),
    ],
)
def test_what_is_not_looked_up_is_refused_without_coming_back(
    illegal: Incident, ana: User, file: Path, typed: str, said: str
) -> None:
    page = look_up(ana, illegal, typed)
    assert page.status_code == 422
    assert said in page.content.decode()
    assert not typed or typed not in page.content.decode()
    assert "placeholder" not in str(list(AuditEvent.objects.values()))


def test_file_that_cannot_be_used_is_said_to_be_so_and_not_offered(illegal: Incident, ana: User, file: Path) -> None:
    file.write_bytes(b"no such file")
    page = client_of(ana).get(url(illegal), ALL_OPEN)
    assert "The network file networks.mmdb is damaged or unreadable." in section(page)
    assert 'value="file"' not in page.content.decode()
    assert look_up(ana, illegal, "192.0.2.7").status_code == 422


def test_without_a_file_the_page_does_not_speak_of_it(illegal: Incident, ana: User) -> None:
    assert "Look up in the network file" not in section(client_of(ana).get(url(illegal), ALL_OPEN))


def test_network_lookup_is_a_post_by_users_with_trace_permission(
    belize: Portal, illegal: Incident, ana: User, ben: User
) -> None:
    assert client_of(ana).get(url(illegal, "look-up-network/")).status_code == 405
    assert look_up(ben, illegal, "192.0.2.7").status_code == 404
    assert look_up(ana, incident_of(belize, "https://example.com/"), "192.0.2.7").status_code == 403


def test_methods_and_names_are_in_the_readers_language(illegal: Incident, ana: User) -> None:
    User.objects.update(language="es")
    page = client_of(ana).get(url(illegal), ALL_OPEN).content.decode()
    assert '<option value="NL">Países Bajos</option>' in page
    assert [method for method in TraceMethod if f'name="methods" value="{method}"' not in page] == [TraceMethod.FILE]
    assert reverse("admin:trace", args=[illegal.pk]) in page
