"""Corpora: pairs of addresses of today's apps and sites, and valid absolute addresses as the URL standard reads them.

`hosts.json` and `urls.json` are in the form of the Web Platform Tests' `toascii.json` and `urltestdata.json`.
"""

import json
import tomllib
from pathlib import Path
from typing import TypedDict
from urllib.parse import unquote_to_bytes

import can_ada
import pytest

from reports.addresses import find_addresses

DATA = Path(__file__).with_name("data")
PAIRS = tomllib.loads((DATA / "pairs.toml").read_text(encoding="utf-8"))


class HostRow(TypedDict):
    comment: str
    input: str
    output: str


class UrlRow(TypedDict):
    comment: str
    input: str
    base: None
    href: str
    protocol: str
    hostname: str
    port: str
    pathname: str
    search: str
    hash: str


HOSTS: list[HostRow] = json.loads((DATA / "hosts.json").read_text(encoding="utf-8"))
URLS: list[UrlRow] = json.loads((DATA / "urls.json").read_text(encoding="utf-8"))


def keys(text: str) -> set[str]:
    return {address.key for address in find_addresses(text)}


def is_same(one: str, other: str) -> bool:
    """Whether all that one text names is named in the other."""
    first, second = keys(one), keys(other)
    assert first, one
    assert second, other
    return first <= second and second <= first


def test_corpora_have_the_size_they_are_known_for() -> None:
    assert len(PAIRS["same"]) + len(PAIRS["different"]) >= 230
    assert (len(HOSTS), len(URLS)) >= (550, 900)


@pytest.mark.parametrize("same", [True, False])
def test_pair_is_one_incident_only_where_a_reason_is_known(same: bool) -> None:
    pairs = PAIRS["same" if same else "different"]

    assert [pair for pair in pairs if is_same(pair[0], pair[1]) is not same] == []
    assert all(why for _one, _other, why in pairs)
    assert len({(one, other) for one, other, _why in pairs}) == len(pairs)


def test_host_of_a_valid_address_is_the_one_of_the_url_standard() -> None:
    wrong = [
        row["input"]
        for row in HOSTS
        for typed in (f"https://{row['input']}/x", f"http://{row['input']}", f"I saw https://{row['input']}/x there")
        if {address.host for address in find_addresses(typed)} != {row["output"]}
    ]
    assert wrong == []


def test_host_without_a_scheme_is_the_same() -> None:
    """Names that a known suffix shows to be hosts."""
    wrong = [
        row["input"]
        for row in HOSTS
        if row["comment"] != "other spellings of a host"
        for address in find_addresses(f"see {row['input']}/x")
        if address.host != row["output"]
    ]
    assert wrong == []


def test_no_part_of_a_valid_address_is_lost() -> None:
    """A line is one item. Where its end is read as punctuation, it is kept as it was typed."""
    wrong = []
    for row in URLS:
        addresses = find_addresses(row["input"])
        hosts = {address.host for address in addresses}
        if len(addresses) != 1 or hosts != {row["hostname"].strip("[]").rstrip(".")}:
            wrong.append(row["input"])
        is_whole = parts(can_ada.parse(addresses[0].normalised)) == expected(row)
        if not (is_whole or ends_in_punctuation(row["input"], addresses[0].reported)):
            wrong.append(row["input"])
    assert wrong == []


def ends_in_punctuation(line: str, reported: str) -> bool:
    """Whether the whole line was kept, and running text would end the address before its end."""
    return reported == line.strip() and find_addresses(f"see {line} there")[0].reported != line.strip()


def parts(read: can_ada.URL) -> tuple[bytes, ...]:
    """Decoded: the last character is encoded where it could be taken for punctuation."""
    return tuple(
        unquote_to_bytes(part.removesuffix("?")) for part in (read.port, read.pathname, read.search, read.hash)
    )


def expected(row: UrlRow) -> tuple[bytes, ...]:
    return tuple(unquote_to_bytes(row[part]) for part in ("port", "pathname", "search", "hash"))
