"""Copies of finished cases at other times and with other addresses; they fill most of the demonstration's year.

A case is a set of rows that refer to each other: reports, their incidents, and the notices about those. The original
rows come from the normal actions. A copy has its own ids and addresses, is moved by whole weeks (so that office hours
stay office hours), is sealed with the keys of its own months, and has its own audit events. Rows are created in bulk.
"""

import math
import random
import re
import secrets
import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Model

from analysts.assessment import agreement
from analysts.codes import ReviewStage
from analysts.demonstration.finished_cases import COPIED, FinishedCase, load_finished_cases
from analysts.incidents import contents, sealing_contexts
from analysts.incidents.contents import storing
from analysts.incidents.contents.plaintexts import OpenAddress
from analysts.incidents.fingerprints import compute_fingerprint
from analysts.models import (
    Assessment,
    HostingTrace,
    Incident,
    IncidentKind,
    Notice,
    NoticeItem,
    Redaction,
    Sighting,
    UrlListEntry,
    UrlListState,
)
from analysts.takedown.notices.batching import new_message_id, new_reference
from analysts.takedown.notices.replies import links as reply_links
from analysts.takedown.url_list.entries import next_version
from audit.actions import record_past
from audit.models import AuditEvent
from reports import keys, notice_links, sealing
from reports.addresses import find_addresses
from reports.models import Arrival, KeyClass, NoticeAnswer, NoticeLink, Receipt, Submission

NUMBER = re.compile(r"\d{7}")
WEEK = timedelta(weeks=1)
BATCH = 500


@transaction.atomic
def copy_finished_cases(
    *, reports: int, since: datetime, until: datetime, numbers: Iterator[str], chance: random.Random
) -> None:
    """Create copies of finished cases with up to `reports` reports in total, all between `since` and `until`.

    `numbers`: unused numbers for the copies' addresses.
    """
    cases = [(case, _possible_shifts(case, since, until)) for case in load_finished_cases()]
    copies: list[CaseCopy] = []
    while fitting := [(case, weeks) for case, weeks in cases if weeks and case.reports <= reports]:
        case, weeks = chance.choice(fitting)
        copies.append(CaseCopy(case, WEEK * chance.choice(weeks), numbers))
        reports -= case.reports
    _store_rows([row for incident_copy in copies for row in incident_copy.rows])
    record_past(
        sorted((event for incident_copy in copies for event in incident_copy.events), key=lambda event: event.at)
    )


def _possible_shifts(case: FinishedCase, since: datetime, until: datetime) -> range:
    """The numbers of weeks by which the case can be moved."""
    return range(math.ceil((since - case.begins) / WEEK), math.floor((until - case.ends) / WEEK) + 1)


class CaseCopy:
    """Unsaved copies of a case's rows and events: moved, renumbered and sealed again."""

    def __init__(self, case: FinishedCase, shift: timedelta, numbers: Iterator[str]) -> None:
        self.case = case
        self.shift = shift
        self.numbers = numbers
        self.renumbered: dict[str, str] = {}
        self.ids = self._new_ids()
        self.ids_in_words = {str(old): str(new) for old, new in self.ids.items()}
        self.rows = [self._row(row) for row in case.rows]
        for old, new in zip(case.rows, self.rows, strict=True):
            self._complete(old, new)
        self.events = [self._event(event) for event in case.events]

    def _new_ids(self) -> dict[UUID, UUID]:
        ids: dict[UUID, UUID] = {}
        for row in self.case.rows:
            if isinstance(row, Notice):
                # The id of a notice's link is derived from the notice's id.
                ids[row.pk] = uuid.uuid4()
                ids[row.link_id] = notice_links.derive_link_credentials(reply_links.secret_of(ids[row.pk])).link_id
        return {row.pk: uuid.uuid4() for row in self.case.rows} | ids

    def _row(self, row: Model) -> Model:
        return type(row)(
            **{field.attname: self._moved(getattr(row, field.attname)) for field in row._meta.concrete_fields}
        )

    def _moved(self, value: object) -> object:
        match value:
            case UUID():
                return self.ids.get(value, value)
            case date():  # and moments
                return value + self.shift
        return value

    def _complete(self, old: Model, new: Model) -> None:
        """Replace the fields that a copy cannot share with its original: unique ones and sealed ones."""
        at = self.case.begins + self.shift
        match old, new:
            case _, Receipt():
                # A new mailbox, which no receipt code opens.
                new.mailbox_key = sealing.generate_key("mailbox").public().raw
            case Submission(), Submission():
                key = keys.public_key(at, KeyClass.WORDS)
                payload = self._renumber_payload(contents.demonstrate_payload(old))
                new.key_id, new.digest = key.id, secrets.token_bytes(32)
                new.sealed = sealing.seal_json(payload, to=key, info=sealing_contexts.submission_info(new))
            case Incident(), Incident():
                self._complete_incident(old, new, at)
            case Sighting(), Sighting():
                new.key_id, new.sealed_address = None, b""
                if not old.has_incident_spelling and (spellings := contents.demonstrate_spellings(old)):
                    storing.seal_spellings(new, [self._renumber_address(spelling) for spelling in spellings], now=at)
            case _, NoticeLink():
                # The link accepts no more replies.
                new.sealed = b""
            case _, Notice():
                new.reference, new.message_id = new_reference(), new_message_id()
            case (
                Redaction() | NoticeItem() | UrlListEntry() | HostingTrace(),
                Redaction() | NoticeItem() | UrlListEntry() | HostingTrace(),
            ) if address := contents.demonstrate_copy(old):
                storing.seal_copy(new, self._renumbered(address), now=at)
            case NoticeAnswer(), NoticeAnswer():
                key = keys.public_key(at, KeyClass.WORDS)
                new.key_id, new.digest = key.id, secrets.token_bytes(32)
                new.sealed = sealing.seal_json(
                    contents.demonstrate_reply(old), to=key, info=sealing_contexts.notice_answer_info(new)
                )

    def _complete_incident(self, old: Incident, new: Incident, at: datetime) -> None:
        if old.kind == IncidentKind.WORDS:
            new.fingerprint = compute_fingerprint("words", str(self._report_of(new)))
        elif address := contents.demonstrate_address(old):
            moved = self._renumber_address(address)
            new.fingerprint = compute_fingerprint("address", find_addresses(moved.reported)[0].key)
            storing.set_address(new, moved, now=at)

    def _renumber_payload(self, payload: Mapping[str, sealing.JSON]) -> dict[str, sealing.JSON]:
        return {name: self._renumbered(value) if isinstance(value, str) else value for name, value in payload.items()}

    def _renumber_address(self, address: OpenAddress) -> OpenAddress:
        return OpenAddress(self._renumbered(address.normalised), self._renumbered(address.reported))

    def _report_of(self, incident: Incident) -> UUID:
        sightings = (row for row in self.rows if isinstance(row, Sighting) and row.incident_id == incident.pk)
        report: UUID = next(sightings).report_id
        return report

    def _renumbered(self, text: str) -> str:
        return NUMBER.sub(lambda match: self.renumbered.setdefault(match[0], next(self.numbers)), text)

    def _event(self, event: AuditEvent) -> AuditEvent:
        return AuditEvent(
            at=event.at + self.shift,
            actor_id=event.actor_id,
            action=event.action,
            object_type=event.object_type,
            object_id=self._id_in_words(event.object_id),
            portal=event.portal,
            details={name: self._id_in_words(value) for name, value in event.details.items()},
        )

    def _id_in_words[Value](self, value: Value) -> Value | str:
        return self.ids_in_words.get(value, value) if isinstance(value, str) else value


def _store_rows(rows: Sequence[Model]) -> None:
    _number_entries([row for row in rows if isinstance(row, UrlListEntry)])
    for model in COPIED:
        of_model = [row for row in rows if isinstance(row, model)]
        model._default_manager.bulk_create(of_model, batch_size=BATCH)
    # A trigger has queued each envelope for intake.
    Arrival.objects.filter(submission__in=[row.pk for row in rows if isinstance(row, Submission)]).delete()
    _count_agreement([row for row in rows if isinstance(row, Assessment)])


def _number_entries(entries: list[UrlListEntry]) -> None:
    """Assign versions of the URL list in the order of the changes."""
    if entries:
        first = next_version()
        in_order = sorted(entries, key=lambda entry: entry.removed_on or entry.added_on)
        for version, entry in enumerate(in_order, start=first):
            entry.version = version
        UrlListState.objects.update(version=first + len(entries) - 1)


def _count_agreement(assessments: Iterable[Assessment]) -> None:
    firsts = {
        (assessment.incident_id, assessment.round): assessment
        for assessment in assessments
        if assessment.stage == ReviewStage.FIRST
    }
    for assessment in assessments:
        if assessment.stage == ReviewStage.SECOND:
            first = firsts[assessment.incident_id, assessment.round]
            agreement.count_pair(first=first.category, second=assessment.category, at=assessment.at)
