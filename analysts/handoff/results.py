"""Import the results of a batch, line by line, through the same actions as on screen."""

import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from pydantic import ValidationError

from analysts.assessment import actions as assessment
from analysts.assessment.decision_forms import Assess
from analysts.handoff.actions import ImportedLine, ImportResult, LineOutcome
from analysts.handoff.answers import by_key, describe_fault
from analysts.handoff.batch_ends import end_imported_batch, lock_batch
from analysts.handoff.batch_format import (
    MOST_DRAWN,
    RESULT_FORMATS,
    RESULT_LINES,
    BatchResult,
    Decision,
    ResultLine,
    ResultsHead,
)
from analysts.handoff.findings import record_findings
from analysts.handoff.permissions import check_can_hand_off, check_can_import, check_is_drawn
from analysts.handoff.sealed_lines import unseal_line
from analysts.handoff.signing import BadSignature, NoLine, Typ, open_line, read_key_id
from analysts.incidents.actions import add_note
from analysts.incidents.locking import lock_incident, record_act
from analysts.models import Batch, BatchItem, BatchKind, Incident, User, Workstation
from analysts.welfare import exposure
from audit.actions import JSON, record_event
from audit.permissions import Denied, is_allowed
from reports import keys, sealing

MOST_RESULT_LINES = MOST_DRAWN + 1
LONGEST_RESULT_LINE = 64 * 1024


class ResultRefused(Exception):
    """A line is refused. `reason` is shown to the analyst and quotes no value from the line."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class UnknownFormat(ResultRefused):
    """The header names a format that this version does not read."""


@dataclass(frozen=True, slots=True)
class ReadResult:
    """A parsed line. `said` is None if the line is refused for `reason`."""

    number: int
    said: ResultLine | None
    workstation: Workstation | None = None
    # SHA-256 of the signed payload, which identifies a repeated result.
    digest: bytes = b""
    reason: str = ""


def import_results(*, by: User, content: bytes, now: datetime | None = None) -> ImportResult:
    """Import a results file line by line, each in its own transaction, so that a refused line affects no other.

    A whole file without a damaged line also returns its batch. Importing the same file or line again changes nothing.
    Raises Denied if `by` may not import, or if the key that opens results is missing.
    """
    now = now or timezone.now()
    check_can_hand_off(by)
    try:
        key = keys.handoff_sealing_key()
    except keys.KeyMissing:
        raise Denied(_("There is no signing key. Run manage.py create_keys.")) from None
    found: list[ImportedLine] = []
    heads: dict[UUID, ReadResult] = {}
    promised: int | None = None
    # A line that the file repeats costs no query.
    done: dict[bytes, ImportedLine] = {}
    for read in read_results(content, by_key(list(Workstation.objects.filter(closed_on=None))), key):
        match read.said:
            case ResultsHead() as head:
                heads[head.batch], promised = read, (promised or 0) + head.count
            case BatchResult() if read.digest in done:
                first = done[read.digest]
                outcome = LineOutcome.AGAIN if first.outcome == LineOutcome.TAKEN else first.outcome
                found.append(replace(first, number=read.number, outcome=outcome))
            case BatchResult() as result:
                found.append(_import_result(read, result, by=by, now=now))
                done[read.digest] = found[-1]
            case None:
                found.append(ImportedLine(read.number, LineOutcome.REFUSED, read.reason))
    imported = ImportResult(found, promised)
    is_whole = not imported.is_cut_short and not any(
        line.outcome == LineOutcome.REFUSED and not line.incident for line in found
    )
    with transaction.atomic():
        batches = [
            batch for batch in map(_batch_of_head, heads.values()) if batch and is_allowed(check_can_import, by, batch)
        ]
        for batch in batches if is_whole else ():
            end_imported_batch(batch, by=by, now=now)
        counts: Counter[str] = Counter(line.outcome.value for line in found)
        details: dict[str, JSON] = {"batches": sorted(str(batch.pk) for batch in batches), **counts}
        record_event(by=by, action="batch.import", details=details, at=now)
    return imported


def _batch_of_head(read: ReadResult) -> Batch | None:
    """The batch that the header names, if the workstation that signed it has it."""
    if not isinstance(read.said, ResultsHead):
        return None
    return Batch.objects.select_related("by").filter(pk=read.said.batch, workstation=read.workstation).first()


# --- Reading ---------------------------------------------------------------------------------------


def read_results(
    content: bytes, workstations: Mapping[str, Workstation], key: sealing.PrivateKey
) -> Iterator[ReadResult]:
    """Parse the non-empty lines of a file. `workstations`: maps the key id of each open workstation to it.

    Lines below a header of another format are refused unread, since they could be misunderstood.
    """
    numbered = [(number, line.strip()) for number, line in enumerate(content.split(b"\n"), start=1)]
    filled = [(number, line) for number, line in numbered if line]
    other_format = ""
    for number, line in filled[:MOST_RESULT_LINES]:
        if other_format:
            yield ReadResult(number, None, reason=other_format)
            continue
        try:
            yield _read_result(number, line, workstations, key)
        except UnknownFormat as refused:
            other_format = refused.reason
            yield ReadResult(number, None, reason=other_format)
        except ResultRefused as refused:
            yield ReadResult(number, None, reason=refused.reason)
    if len(filled) > MOST_RESULT_LINES:
        reason = _("More than %(number)s lines. The lines from here on were not read.")
        yield ReadResult(filled[MOST_RESULT_LINES][0], None, reason=reason % {"number": MOST_RESULT_LINES})


def _read_result(
    number: int, line: bytes, workstations: Mapping[str, Workstation], key: sealing.PrivateKey
) -> ReadResult:
    if len(line) > LONGEST_RESULT_LINE:
        raise ResultRefused(_("This line is too long."))
    try:
        signed = unseal_line(line, key=key, typ=Typ.RESULTS)
        workstation = workstations.get(read_key_id(signed, typ=Typ.RESULTS))
        if workstation is None:
            raise ResultRefused(_("Signed by a workstation that is closed or was never registered."))
        payload = open_line(signed, public=bytes(workstation.public_key), typ=Typ.RESULTS).payload
    except NoLine:
        raise ResultRefused(
            _("This is not a line of results for this installation: it is damaged, cut short or from another file.")
        ) from None
    except BadSignature:
        raise ResultRefused(_("The signature is invalid: the line was changed after it was signed.")) from None
    try:
        said = RESULT_LINES.validate_json(payload)
    except ValidationError as error:
        raise ResultRefused(describe_fault(error)) from None
    if isinstance(said, ResultsHead) and said.format not in RESULT_FORMATS:
        raise UnknownFormat(_("Written in a format that this version does not read. Update the workstation’s folder."))
    return ReadResult(number, said, workstation, hashlib.sha256(payload).digest())


# --- Applying --------------------------------------------------------------------------------------


def _import_result(read: ReadResult, result: BatchResult, *, by: User, now: datetime) -> ImportedLine:
    found = BatchItem.objects.select_related("batch__by", "incident")
    item = found.filter(pk=result.item, batch=result.batch, batch__workstation=read.workstation).first()
    if item is None or not Incident.objects.visible_to(by).filter(pk=item.incident_id).exists():
        reason = _("This workstation has no such incident, or it concerns a portal you do not work for.")
        return ImportedLine(read.number, LineOutcome.REFUSED, reason)
    try:
        check_can_import(by, item.batch)
        outcome, remark = _apply_result(read, result, item, by=by, now=now)
    except Denied as denied:
        reason = str(denied.reason)
        if is_allowed(check_can_import, by, item.batch):
            BatchItem.objects.filter(pk=item.pk, answered_at=None).update(refusal=reason[:300])
        return ImportedLine(read.number, LineOutcome.REFUSED, reason, item.incident)
    return ImportedLine(read.number, outcome, remark, item.incident)


@transaction.atomic
def _apply_result(
    read: ReadResult, result: BatchResult, item: BatchItem, *, by: User, now: datetime
) -> tuple[LineOutcome, str]:
    """Apply the result as the person who drew the batch; returns what was left out of it and why, or "".

    Raises Denied, and then applies nothing.
    """
    batch = lock_batch(item.batch)
    item = BatchItem.objects.select_for_update(of=("self",)).select_related("incident").get(pk=item.pk)
    if item.answered_at is not None:
        if bytes(item.answer) == read.digest:
            return LineOutcome.AGAIN, ""
        raise Denied(_("This incident already has a different result."))
    check_is_drawn(batch, now=now)
    drawer = _drawer_of(batch)
    incident = lock_incident(item.incident, drawer)
    if item.round != incident.round:
        raise Denied(_("The incident has been reopened since it was drawn. The result is out of date."))
    if BatchKind(batch.kind).is_assessment:
        remark = _apply_assessment(result, item, incident, drawer=drawer, now=now)
    else:
        remark = _apply_findings(result, item, incident, drawer=drawer, now=now)
        if remark:
            raise Denied(remark)
    if result.note:
        add_note(by=drawer, incident=incident, text=result.note, now=now)
    elapsed = int((now - batch.at).total_seconds()) - sum(batch.items.values_list("seconds", flat=True))
    item.seconds = min(result.seconds, max(0, elapsed))
    if result.seconds:
        exposure.add_reveal(drawer, seconds=item.seconds, now=now)
    item.answered_at, item.answer, item.refusal = now, read.digest, remark[:300]
    item.save(update_fields=["answered_at", "answer", "seconds", "refusal"])
    details: dict[str, JSON] = {"batch": str(batch.pk), "holder": drawer.get_username(), "holder_id": drawer.pk}
    record_act("batch_result", incident, by=by, now=now, details=details)
    return LineOutcome.TAKEN, remark


def _drawer_of(batch: Batch) -> User:
    """The person who drew the batch, to act as. An account that was switched off since acts for this import only: its
    role and portals still have to allow each act."""
    drawer = User.objects.get(pk=batch.by_id)
    drawer.is_active = True
    return drawer


def _apply_assessment(result: BatchResult, item: BatchItem, incident: Incident, *, drawer: User, now: datetime) -> str:
    if incident.batch_id != item.batch_id or incident.fence != item.fence:
        raise Denied(_("The claim of the batch has ended and the incident has changed since. Nothing was saved."))
    if result.skipped:
        assessment.skip(by=drawer, incident=incident, fence=item.fence, now=now)
        return ""
    if result.decision is None:
        raise Denied(_("The verdict is missing."))
    decided = _clean_decision(result.decision, item)
    assessment.assess(by=drawer, incident=incident, now=now, **decided)
    return _apply_findings(result, item, incident, drawer=drawer, now=now)


def _clean_decision(decision: Decision, item: BatchItem) -> dict[str, Any]:
    """The arguments of `assess`, checked by the form of the incident page."""
    form = Assess({**decision.model_dump(mode="json"), "fence": item.fence})
    if not form.is_valid():
        raise Denied(
            " ".join(f"{form[name].label}: {' '.join(map(str, errors))}" for name, errors in form.errors.items())
        )
    return form.cleaned_data


def _apply_findings(result: BatchResult, item: BatchItem, incident: Incident, *, drawer: User, now: datetime) -> str:
    """Record traces and the check, all or none; returns why they were refused."""
    if result.skipped:
        return ""
    try:
        with transaction.atomic():
            record_findings(
                result.traces,
                result.available,
                by=drawer,
                incident=incident,
                source=item.pk,
                asked_at=item.batch.at,
                now=now,
            )
    except Denied as denied:
        return str(denied.reason)
    return ""
