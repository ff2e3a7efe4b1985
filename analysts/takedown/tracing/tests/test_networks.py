"""Looking up IP addresses in network files: results, and reasons why a file cannot be used."""

import random
import socket
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import maxminddb
import pytest

from analysts.takedown.tracing import networks
from analysts.takedown.tracing.networks import NetworkInfo, NoNetworkAddress, Unusable, look_up, why_not
from analysts.tests.mmdb import HOSTED, NETWORK, mmdb
from portal_site.checks.surface import check_networks

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
MADE = NOW - timedelta(days=9)
RECORDS = {
    "192.0.2.0/24": {**HOSTED, **NETWORK},
    "198.51.100.0/25": {"country": {"iso_code": "DE"}},
    "198.51.100.128/25": {"autonomous_system_number": 64511},
    "203.0.113.0/24": {"country": {"names": {"en": "Nowhere"}}, "continent": {"code": "EU"}},
    "2001:db8::/32": {**HOSTED, "autonomous_system_organization": "Example Six"},
}


@pytest.fixture
def file(tmp_path: Path, settings: Any) -> Path:
    path = tmp_path / "networks.mmdb"
    path.write_bytes(mmdb(RECORDS, made=MADE))
    settings.NETWORKS_FILE = [str(path)]
    return path


@pytest.fixture(autouse=True)
def _asks_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    def asked(*args: Any, **kwargs: Any) -> None:
        raise AssertionError("a lookup used the network")

    for name in ("getaddrinfo", "gethostbyname", "create_connection"):
        monkeypatch.setattr(socket, name, asked)


def test_files_for_tests_are_real_ones(file: Path) -> None:
    with maxminddb.open_database(file) as reader:
        assert {str(network): record for network, record in reader} == RECORDS


@pytest.mark.parametrize(
    ("typed", "country", "network", "provider"),
    [
        ("192.0.2.7", "NL", "AS64496 Example Net", "Example Net"),
        ("  192.0.2.7\t", "NL", "AS64496 Example Net", "Example Net"),
        ("::ffff:192.0.2.7", "NL", "AS64496 Example Net", "Example Net"),
        ("198.51.100.7", "DE", "", ""),
        ("198.51.100.200", "", "AS64511", ""),
        ("2001:db8::7", "NL", "Example Six", "Example Six"),
        ("[2001:DB8::7]", "NL", "Example Six", "Example Six"),
    ],
)
def test_network_file_gives_country_and_network(
    file: Path, typed: str, country: str, network: str, provider: str
) -> None:
    assert look_up(typed, now=NOW) == NetworkInfo(country, network, provider, MADE.date())


@pytest.mark.parametrize("typed", ["203.0.113.7", "192.0.3.1", "2001:db9::1"])
def test_what_the_file_does_not_know_is_said_to_be_unknown(file: Path, typed: str) -> None:
    assert look_up(typed, now=NOW) is None


def test_country_and_networks_may_lie_in_two_files(file: Path, tmp_path: Path, settings: Any) -> None:
    older = MADE - timedelta(days=20)
    (tmp_path / "country.mmdb").write_bytes(mmdb({"192.0.2.0/24": HOSTED}, made=MADE))
    (tmp_path / "asn.mmdb").write_bytes(mmdb({"192.0.2.0/24": NETWORK}, made=older))
    settings.NETWORKS_FILE = [str(tmp_path / "country.mmdb"), str(tmp_path / "asn.mmdb")]
    assert look_up("192.0.2.7", now=NOW) == NetworkInfo("NL", "AS64496 Example Net", "Example Net", older.date())


def test_file_of_ipv4_alone_knows_nothing_of_the_other(file: Path) -> None:
    file.write_bytes(mmdb({"192.0.2.0/24": HOSTED}, made=MADE, ip_version=4))
    assert look_up("192.0.2.7", now=NOW) == NetworkInfo("NL", "", "", MADE.date())
    assert look_up("2001:db8::7", now=NOW) is None


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "example.org",
        "localhost",
        "https://192.0.2.7/",
        "192.0.2.7:80",
        "192.0.2.0/24",
        "192.0.2.300",
        "192.0.2",
        "0x7f000001",
        "2130706433",
        "192.000.002.007",
        "١٩٢.٠.٢.٧",
        "fe80::1%eth0",
        "192.0.2.7\0",
    ],
)
def test_host_names_and_invalid_network_addresses_are_refused_without_quoting_them(file: Path, typed: str) -> None:
    with pytest.raises(NoNetworkAddress) as refused:
        look_up(typed, now=NOW)
    assert (str(refused.value), refused.value.__cause__) == ("", None)
    assert refused.value.__suppress_context__ or refused.value.__context__ is None


def test_hostile_record_stays_text_of_the_right_length(file: Path) -> None:
    record = {
        "country": {"iso_code": "<script>"},
        "autonomous_system_number": "\0" + "9" * 200,
        "autonomous_system_organization": " two\nlines  of\ttext ",
    }
    file.write_bytes(mmdb({"192.0.2.0/25": record, "192.0.2.128/25": {"country": "NL"}}, made=MADE))
    found = look_up("192.0.2.7", now=NOW)
    assert found == NetworkInfo("", "AS" + "9" * 118, "two lines of text", MADE.date())
    assert look_up("192.0.2.200", now=NOW) is None


def test_no_file_a_missing_one_and_a_folder(settings: Any, tmp_path: Path) -> None:
    settings.NETWORKS_FILE = []
    assert why_not(now=NOW) == "This installation has no network file."
    assert look_up("192.0.2.7", now=NOW) is None
    settings.NETWORKS_FILE = [str(tmp_path / "away.mmdb")]
    assert why_not(now=NOW) == "The network file away.mmdb is missing."
    settings.NETWORKS_FILE = [str(tmp_path)]
    assert why_not(now=NOW) == f"The network file {tmp_path.name} is damaged or unreadable."


def test_old_file_is_not_believed_and_a_new_one_in_its_place_is(file: Path, settings: Any) -> None:
    settings.NETWORKS_DAYS = 30
    later = MADE + timedelta(days=31)
    assert why_not(now=MADE + timedelta(days=30)) == ""
    assert why_not(now=later) == "The network file networks.mmdb is dated 16 Nov 2026 and is too old to use."
    with pytest.raises(Unusable):
        look_up("192.0.2.7", now=later)
    file.write_bytes(mmdb(RECORDS, made=later))
    assert why_not(now=later) == ""


@pytest.mark.parametrize("content", [b"", b"\xab\xcd\xefMaxMind.com", b"no such file" * 99])
def test_damaged_file_is_said_to_be_damaged(file: Path, content: bytes) -> None:
    file.write_bytes(content)
    assert why_not(now=NOW) == "The network file networks.mmdb is damaged or unreadable."


def test_error_about_a_damaged_file_does_not_contain_the_address(file: Path) -> None:
    whole, chance = file.read_bytes(), random.Random(7)
    refused: list[str] = []
    for _ in range(1500):
        cut = bytearray(whole[: chance.choice([len(whole), chance.randrange(len(whole))])])
        for _ in range(chance.randrange(4)):
            if cut:
                cut[chance.randrange(len(cut))] = chance.randrange(256)
        file.write_bytes(cut)
        networks._build_date.cache_clear()
        try:
            look_up("192.0.2.7", now=NOW)
        except Unusable as unusable:
            refused.append(unusable.reason)
    assert len(refused) > 500
    assert not [reason for reason in refused if "192.0.2.7" in reason]


def test_check_warns_of_a_file_that_cannot_be_used(file: Path, settings: Any) -> None:
    settings.NETWORKS_DAYS = 36500
    assert list(check_networks(None)) == []
    file.unlink()
    [warning] = check_networks(None)
    assert (warning.id, warning.msg) == ("portal_site.W060", "The network file networks.mmdb is missing.")
    settings.NETWORKS_FILE = []
    assert list(check_networks(None)) == []
