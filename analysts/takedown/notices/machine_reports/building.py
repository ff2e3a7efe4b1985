"""Builds the machine-readable reports of a letter: one object of XARF 4.2.0 for each address, each a file of its own.

A recipient's program reads one object a file, and XARF defines no file of several. The objects state what the letter
states, and no more: no description, no part of the content, nothing of a report. The tests check every object that the
codes allow with the schemas of the package `xarf`, which the product does not need.
"""

import json
import re
import tomllib
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from django.conf import settings
from django.db.models import TextChoices

from analysts.codes import Verdict
from analysts.models import Assessment, Channel, Notice, NoticeItem, Purpose
from analysts.takedown.facts.trace_consensus import as_number
from analysts.takedown.notices.letter_facts import ItemFacts
from analysts.takedown.notices.placeholders import Placeholder
from analysts.takedown.notices.rendering import Letter
from reports.addresses import find_addresses

VERSION: Final = "4.2.0"
LONGEST_ORGANISATION: Final = 200
GREATEST_NETWORK: Final = 2**32 - 1
CODES = Path(__file__).with_name("codes.toml")
# The hosts that XARF takes as a domain: no IP address, and no label or top level in Punycode.
DOMAIN = re.compile(r"(?:[a-z0-9]+(?:-[a-z0-9]+)*\.)+[a-z]{2,}")
# An address as programs read it (RFC 3986): not defanged, and without a blank. Browsers open some others as well, which
# are not rewritten here: they could become another address.
_SIGN = r"(?:[A-Za-z0-9._~:/?@!$&'()*+,;=-]|%[0-9A-Fa-f]{2})"
LINK = re.compile(rf"(?!hxx)[a-z][a-z0-9+.-]*:(?://\[[0-9a-f:.]+\])?{_SIGN}*(?:#{_SIGN}*)?")

type XarfObject = dict[str, Any]


class LeftOut(TextChoices):
    """Why an address of the letter goes without a report."""

    NO_CLASS = "no_class"
    NOT_SEEN = "not_seen"
    NO_HOST = "no_host"
    NO_LINK = "no_link"


@dataclass(frozen=True, slots=True, repr=False)
class MachineReports:
    """`files`: name and content, in the order of the letter's table. `left_out`: numbers of addresses by reason."""

    files: tuple[tuple[str, bytes], ...] = ()
    left_out: Mapping[str, int] = field(default_factory=dict)


NO_REPORTS = MachineReports()


def build_reports(notice: Notice, letter: Letter) -> MachineReports:
    """The reports of the letter, the same in every attempt; none unless two people confirmed that the recipient takes
    them, or if the letter asks for nothing: a correction reports no content. One query."""
    if notice.recipient.channel != Channel.XARF or not Purpose(notice.purpose).row.asks:
        return NO_REPORTS
    verdicts = _find_verdicts(letter)
    results = [
        build_report(item, letter.addresses[item.pk], letter.facts[item.pk] or {}, verdicts.get(item.incident_id))
        for item in letter.items
    ]
    numbered = zip((letter.numbers[item.pk] for item in letter.items), results, strict=True)
    reports = [(number, report) for number, report in numbered if not isinstance(report, LeftOut)]
    files = [
        (f"xarf-{number}.json" if len(letter.items) > 1 else "xarf.json", json.dumps(report, indent=1).encode())
        for number, report in reports
    ]
    return MachineReports(tuple(files), Counter(str(reason) for reason in results if isinstance(reason, LeftOut)))


def _find_verdicts(letter: Letter) -> dict[UUID, Assessment]:
    """The latest illegal verdict of each incident."""
    incidents = {item.incident_id for item in letter.items}
    verdicts = Assessment.objects.in_force().filter(incident__in=incidents, verdict=Verdict.ILLEGAL)
    return {verdict.incident_id: verdict for verdict in verdicts.order_by("at")}


def build_report(item: NoticeItem, address: str, facts: ItemFacts, verdict: Assessment | None) -> XarfObject | LeftOut:
    """One object, or why there is none. `address`: in clear; `facts`: as the letter states them."""
    classification = classify(verdict) if verdict else ""
    host = next((found.host for found in find_addresses(address)), "")
    source, seen_at = facts.get(Placeholder.NETWORK_ADDRESS) or host, facts.get(Placeholder.SEEN_AT, "")
    match bool(classification), bool(seen_at), bool(source), LINK.fullmatch(address) is not None:
        case False, _, _, _:
            return LeftOut.NO_CLASS
        case _, False, _, _:
            return LeftOut.NOT_SEEN
        case _, _, False, _:
            return LeftOut.NO_HOST
        case _, _, _, False:
            return LeftOut.NO_LINK
    sender, moment = describe_sender(), seen_at.replace("Z", ":00Z")
    network = as_number(facts.get(Placeholder.NETWORK, "")) or 0
    report = {
        "xarf_version": VERSION,
        "report_id": str(item.pk),
        "timestamp": moment,
        "reporter": sender,
        "sender": sender,
        "source_identifier": source,
        "category": "content",
        "type": "csam",
        "url": address,
        "domain": host if DOMAIN.fullmatch(host) else "",
        "classification": classification,
        "detection_method": "manual_review",
        "media_type": read_codes()["content_kind"][verdict.content_kind] if verdict else "",
        "verified_at": moment,
        "verification_method": "manual",
        "hosting_provider": facts.get(Placeholder.PROVIDER, ""),
        "asn": network if network <= GREATEST_NETWORK else 0,
        "country_code": facts.get(Placeholder.COUNTRY, ""),
    }
    return {name: value for name, value in report.items() if value}


def classify(verdict: Assessment) -> str:
    """XARF's class of the verdict; "" where it has none."""
    codes = read_codes()
    act, age = codes["severity"][verdict.severity], codes["age_band"].get(verdict.age_band, "")
    return f"{age}{act}" if act and age and all(codes["flag"][flag] for flag in verdict.flags) else ""


def describe_sender() -> dict[str, str]:
    """The hotline with its shared mailbox, never a person."""
    mailbox = settings.HOTLINE_MAILBOX
    domain = mailbox.rpartition("@")[2]
    return {"org": settings.HOTLINE_NAME[:LONGEST_ORGANISATION], "contact": mailbox, "domain": domain}


@cache
def read_codes() -> Mapping[str, Mapping[str, Any]]:
    return tomllib.loads(CODES.read_text(encoding="utf-8"))
