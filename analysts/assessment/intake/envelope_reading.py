"""The content of the envelopes of a receipt: facts, addresses, texts and the referrer."""

import uuid
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice

from analysts.codes import Fact
from analysts.incidents import contents
from analysts.incidents.fingerprints import compute_fingerprint
from analysts.incidents.near_duplicates import shape_of_envelope
from analysts.models import Question, Report
from analysts.takedown.next_steps.actions import refresh_next_steps
from reports import sealing
from reports.addresses import Account, Address, find_addresses
from reports.models import Submission, SubmissionKind
from reports.report_text import find_further_addresses, find_items, join_report_text, sealed_ticks_in

# Facts that the public form offers as checkboxes; any other value in a payload is ignored.
TICKS = frozenset(Fact.values) - {Fact.UNREADABLE, Fact.MANY_ADDRESSES}


@dataclass(slots=True)
class ReceiptContents:
    """The opened envelopes of one receipt together."""

    # The ways in which each address is written, by its key, in the order of the report.
    spellings: dict[str, list[Address]] = field(default_factory=dict)
    accounts: list[Account] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    # The shapes of further envelopes.
    shapes: list[str] = field(default_factory=list)
    # Facts that these envelopes state, and those of the envelopes themselves.
    ticked: set[str] = field(default_factory=set)
    facts: set[str] = field(default_factory=set)
    # A sealed tick is set: which one is not remembered.
    is_urgent: bool = False
    # An account in words that no grammar knows.
    mentions_account: bool = False
    # Anything for an analyst to read besides addresses and accounts.
    has_words: bool = False
    # A reason to look again at what was closed.
    asks_again: bool = False
    # The questions that are answered, as the envelopes name them.
    answers: list[str] = field(default_factory=list)
    referrer: bytes = b""

    def add_addresses(self, addresses: Iterable[Address]) -> None:
        for address in addresses:
            self.spellings.setdefault(address.key, []).append(address)

    def cut_items(self, most: int) -> None:
        """Keep the first `most` addresses and accounts. Where there are more, that is a fact."""
        if len(self.spellings) + len(self.accounts) > most:
            self.facts.add(Fact.MANY_ADDRESSES)
        self.spellings = dict(islice(self.spellings.items(), most))
        self.accounts = self.accounts[: most - len(self.spellings)]


def open_envelopes(submissions: list[Submission]) -> ReceiptContents:
    """Open the envelopes, the report itself first. One that its key cannot open becomes a fact."""
    receipt = ReceiptContents()
    for submission in sorted(submissions, key=lambda submission: submission.kind != SubmissionKind.REPORT):
        try:
            payload = contents.intake_payload(submission)
        except sealing.UnsealError:
            receipt.facts.add(Fact.UNREADABLE)
            receipt.shapes.append(Fact.UNREADABLE)
            continue
        receipt.ticked |= read_facts(payload)
        receipt.is_urgent |= bool(sealed_ticks_in(payload))
        if submission.kind == SubmissionKind.ANSWER:
            receipt.answers.append(str(payload.get("message", "")))
        receipt.asks_again |= submission.kind == SubmissionKind.AGAIN
        receipt.referrer = receipt.referrer or referrer_fingerprint(payload)
        if submission.kind == SubmissionKind.REPORT:
            items = find_items(payload)
            receipt.add_addresses(items.spellings)
            receipt.accounts += items.accounts
            receipt.mentions_account |= items.mentions_account
            receipt.has_words |= any(character.isalpha() for character in items.words)
            receipt.texts.append(join_report_text(payload))
            continue
        receipt.add_addresses(find_further_addresses(payload))
        if shape := shape_of_envelope(payload):
            receipt.shapes.append(shape)
            receipt.has_words = True
    return receipt


def note_answered(report: Report, message: str, *, now: datetime) -> None:
    """Mark the question with this id as answered and unread, even if an earlier answer to it has been read."""
    with suppress(ValueError):
        questions = Question.objects.filter(pk=uuid.UUID(message), report=report)
        questions.update(answered=True, read=False)
        refresh_next_steps(questions.values_list("incident", flat=True), now=now)


def read_facts(payload: Mapping[str, object]) -> set[str]:
    ticked = payload.get("facts", [])
    return {tick for tick in ticked if tick in TICKS} if isinstance(ticked, list) else set()


def referrer_fingerprint(payload: Mapping[str, object]) -> bytes:
    """The blind index of the referring address; it equals the fingerprint of an incident with that address."""
    addresses = find_addresses(str(payload.get("found_on", "")))
    return compute_fingerprint("address", addresses[0].key) if addresses else b""
