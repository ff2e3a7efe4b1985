"""The IP address of a host: which are taken, how it is kept, and that no page, list, export or event has it."""

from datetime import datetime
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from analysts.exports.actions import order_export
from analysts.exports.files import send_parts
from analysts.exports.incident_table import COLUMNS
from analysts.exports.writing import write_export
from analysts.incidents import contents
from analysts.models import ExportFormat, ExportSubject, HostingTrace, Incident, User
from analysts.pages.list_exports import TABLES
from analysts.retention.sealed import SEALED
from analysts.takedown.tracing.host_addresses import parse_host_address
from analysts.takedown.tracing.page_section import Hosting
from analysts.takedown.tracing.tests.test_tracing import BGP, DNS, WHOIS, illegal, now, traced
from analysts.takedown.tracing.tests.test_tracing_pages import sent, url
from analysts.tests.sections import ALL_OPEN, content_of
from audit.models import AuditEvent
from audit.permissions import Denied
from tests.rig.fixtures import client_of
from workstation.result_rules import is_host_address

__all__ = ["illegal", "now"]

HOST = "192.0.2.7"
# As typed, and as kept.
TAKEN = {
    "": "",
    HOST: HOST,
    " 203.0.113.9 ": "203.0.113.9",
    "8.8.8.8": "8.8.8.8",
    "2001:DB8:0::7": "2001:db8::7",
    "::ffff:192.0.2.7": HOST,
    "2606:4700::1111": "2606:4700::1111",
}
REFUSED = [
    *(
        "example.org",
        "192.0.2.0/24",
        "192.0.2",
        "0300.0.2.7",
        "https://192.0.2.7/",
        "192.0.2.7, 192.0.2.8",
        "۱۹۲.0.2.7",
    ),
    *(
        "۱۹۲.0.2.7",
        "10.0.0.1",
        "172.16.0.1",
        "192.168.1.1",
        "127.0.0.1",
        "169.254.1.1",
        "100.64.0.1",
        "255.255.255.255",
    ),
    *("224.0.0.1", "::1", "::", "fe80::1", "fe80::1%eth0", "2606:4700::1%1", "fc00::1", "ff02::1", "::ffff:10.0.0.1"),
]


@pytest.mark.parametrize("typed", TAKEN)
def test_address_of_a_host_is_taken(typed: str) -> None:
    assert parse_host_address(typed) == TAKEN[typed]
    # The isolated workstation has no code of the product, and decides alike.
    assert is_host_address(typed.strip())


@pytest.mark.parametrize("typed", REFUSED)
def test_address_that_no_host_has_is_refused_and_not_quoted(typed: str) -> None:
    with pytest.raises(ValueError, match="address") as refused:
        parse_host_address(typed)
    assert typed not in str(refused.value)
    assert not is_host_address(typed)


@pytest.mark.parametrize("typed", REFUSED)
def test_trace_with_such_an_address_is_refused(typed: str, illegal: Incident, ana: User, now: datetime) -> None:
    with pytest.raises(Denied, match="Enter one public IPv4 or IPv6 address"):
        traced(illegal, ana, now, DNS, ip=typed)
    assert not HostingTrace.objects.exists()


def test_address_is_kept_sealed_to_its_trace_and_goes_as_its_incidents(
    illegal: Incident, ana: User, now: datetime
) -> None:
    first, second = traced(illegal, ana, now, DNS, WHOIS, ip=" 2001:DB8::7 ")
    assert [contents.letter_copy(trace) for trace in (first, second)] == ["2001:db8::7"] * 2
    with connection.cursor() as cursor:
        cursor.execute("SELECT string_agg(trace::text, ' ') FROM analysts_hostingtrace AS trace")
        assert "2001:db8" not in str(cursor.fetchone())
    # An address that is moved to another trace cannot be read there.
    second.sealed = first.sealed
    assert contents.letter_copy(second) is None
    [kind] = [kind for kind in SEALED if kind.model is HostingTrace]
    [incidents] = [kind for kind in SEALED if kind.model is Incident]
    key = illegal.key
    assert key is not None
    reasons = {incidents.under(key, now).get().why, *(row.why for row in kind.under(key, now))}
    assert (kind.key_class, len(reasons), kind.under(key, now).count()) == (incidents.key_class, 1, 2)


def test_sealed_address_alone_may_change(illegal: Incident, ana: User, now: datetime) -> None:
    [trace] = traced(illegal, ana, now, DNS, ip=HOST)
    rows = HostingTrace.objects.filter(pk=trace.pk)
    changes: dict[str, Any] = {
        field.attname: getattr(trace, field.attname)
        for field in HostingTrace._meta.concrete_fields
        if field.name not in ("key", "sealed")
    }
    for name, value in changes.items():
        with pytest.raises(IntegrityError, match="never changed or deleted"), transaction.atomic():
            rows.update(**{name: value})
    with pytest.raises(IntegrityError, match="never changed or deleted"), transaction.atomic():
        rows.delete()
    with pytest.raises(IntegrityError, match="trace_sealed_has_key"), transaction.atomic():
        rows.update(key=None)
    assert rows.update(sealed=b"") == 1


def test_form_never_shows_the_address_again(illegal: Incident, ana: User) -> None:
    client = client_of(ana)
    # A refused form keeps what its person typed.
    refused = client.post(url(illegal, "trace/"), sent(ip="10.0.0.1"))
    assert (refused.status_code, "Enter one public IPv4 or IPv6 address" in refused.content.decode()) == (422, True)
    assert content_of(refused, Hosting).button.form["ip"].value() == "10.0.0.1"

    assert client.post(url(illegal, "trace/"), sent(ip=HOST)).status_code == 302
    page = client.get(url(illegal), ALL_OPEN)
    assert content_of(page, Hosting).button.form["ip"].value() is None
    assert "IP address sealed" in page.content.decode()
    assert HOST not in page.content.decode()


def test_all_open_incidents_of_a_host_get_its_address(illegal: Incident, ana: User) -> None:
    form = sent(ip=HOST, methods=["dns", "bgp"])
    client = client_of(ana)
    preview = client.post(url(illegal, "trace-host/"), form)
    assert preview.status_code == 200
    [chosen] = [row.value for row in preview.context["preview"].included]
    hidden = {**dict(preview.context["hidden_fields"]), "methods": ["dns", "bgp"]}
    assert client.post(url(illegal, "trace-host/"), {**hidden, "incident": chosen, "confirmed": "1"}).status_code == 302
    assert [contents.letter_copy(trace) for trace in HostingTrace.objects.all()] == [HOST, HOST]


def test_no_list_export_search_or_event_has_the_address(illegal: Incident, sena: User, now: datetime) -> None:
    traced(illegal, sena, now, DNS, WHOIS, BGP, ip=HOST)
    client = client_of(sena)
    for path in ("/admin/", "/admin/incidents/", "/admin/to-do/", url(illegal)):
        answer = client.get(path, ALL_OPEN if path == url(illegal) else None)
        assert (answer.status_code, HOST in answer.content.decode()) == (200, False), path
    page = client.post("/admin/search/", {"q": HOST}, follow=True)
    assert (page.status_code, str(illegal) in page.content.decode()) == (200, False)
    export = order_export(by=sena, subject=ExportSubject.INCIDENTS, format=ExportFormat.CSV, columns=[*COLUMNS])
    write_export(export_id=export.pk, tables=TABLES)
    content = b"".join(send_parts(export)).decode()
    assert (str(illegal)[:8] in content, HOST in content) == (True, False)
    assert HOST not in str([*AuditEvent.objects.values_list("details", flat=True)])
