"""The content of the envelopes of a receipt: facts, addresses, texts and the referrer."""

import uuid
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime

from analysts.codes import Fact
from analysts.incidents import contents
from analysts.incidents.fingerprints import compute_fingerprint
from analysts.incidents.near_duplicates import shape_of_envelope
from analysts.models import Question, Report
from analysts.takedown.next_steps.actions import refresh_next_steps
from reports import sealing
from reports.addresses import Address, find_addresses, find_spellings
from reports.models import Submission, SubmissionKind
from reports.report_text import join_report_text, names_account

# Facts that the public form offers as checkboxes; any other value in a payload is ignored.
TICKS = frozenset(Fact.values) - {Fact.UNREADABLE, Fact.MANY_ADDRESSES}


@dataclass(slots=True)
class ReceiptContents:
    """The opened envelopes of one receipt together."""

    addresses: list[Address] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    # The shapes of further envelopes.
    shapes: list[str] = field(default_factory=list)
    # Facts that these envelopes state, and those of the envelopes themselves.
    ticked: set[str] = field(default_factory=set)
    facts: set[str] = field(default_factory=set)
    has_account: bool = False
    referrer: bytes = b""


def open_envelopes(report: Report, submissions: list[Submission], *, now: datetime) -> ReceiptContents:
    """Open the envelopes, the report itself first. One that its key cannot open becomes a fact."""
    receipt = ReceiptContents()
    for submission in sorted(submissions, key=lambda submission: submission.kind != SubmissionKind.REPORT):
        try:
            payload = contents.unseal_payload(submission)
        except sealing.UnsealError:
            receipt.facts.add(Fact.UNREADABLE)
            receipt.shapes.append(Fact.UNREADABLE)
            continue
        receipt.ticked |= read_facts(payload)
        if submission.kind == SubmissionKind.ANSWER:
            _note_answered(report, payload, now=now)
        receipt.addresses += addresses_in(submission.kind, payload)
        receipt.referrer = receipt.referrer or referrer_fingerprint(payload)
        if submission.kind == SubmissionKind.REPORT:
            receipt.texts.append(join_report_text(payload))
            receipt.has_account = receipt.has_account or names_account(payload)
        elif shape := shape_of_envelope(payload):
            receipt.shapes.append(shape)
    return receipt


def _note_answered(report: Report, payload: Mapping[str, object], *, now: datetime) -> None:
    """Mark the question as answered and unread, even if an earlier answer to it has been read."""
    with suppress(ValueError):
        message_id = uuid.UUID(str(payload.get("message", "")))
        questions = Question.objects.filter(pk=message_id, report=report)
        questions.update(answered=True, read=False)
        refresh_next_steps(questions.values_list("incident", flat=True), now=now)


def read_facts(payload: Mapping[str, object]) -> set[str]:
    ticked = payload.get("facts", [])
    return {tick for tick in ticked if tick in TICKS} if isinstance(ticked, list) else set()


def addresses_in(kind: str, payload: Mapping[str, object]) -> list[Address]:
    """The addresses that an envelope names.

    A report holds only addresses, so anything in it that may be one counts. Details and answers are prose ("I found it
    through example.com"), so there an address counts only if it names a page, not a whole site.
    """
    if kind == SubmissionKind.REPORT:
        return find_spellings(join_report_text(payload))
    prose = f"{payload.get('description', '')}\n{payload.get('answer', '')}"
    return [address for address in find_spellings(prose) if "/" in address.reported]


def group_by_key(addresses: list[Address]) -> dict[str, list[Address]]:
    """The ways in which one report writes each address, in its order."""
    spellings: dict[str, list[Address]] = {}
    for address in addresses:
        spellings.setdefault(address.key, []).append(address)
    return spellings


def referrer_fingerprint(payload: Mapping[str, object]) -> bytes:
    """The blind index of the referring address; it equals the fingerprint of an incident with that address."""
    addresses = find_addresses(str(payload.get("found_on", "")))
    return compute_fingerprint("address", addresses[0].key) if addresses else b""
