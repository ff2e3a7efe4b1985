"""Import the results of a batch, line by line, through the same actions as on screen."""

from collections import Counter
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from analysts.assessment import actions as assessment
from analysts.assessment.decision_forms import Assess
from analysts.handoff.batch_ends import end_imported_batch, lock_batch
from analysts.handoff.batch_format import BatchResult, Decision, ResultsHead
from analysts.handoff.batch_reports import count_characters
from analysts.handoff.permissions import check_can_import, check_is_drawn
from analysts.handoff.results_reading import ReadResult, open_workstations, read_results
from analysts.incidents.actions import add_note
from analysts.incidents.locking import lock_incident, record_act
from analysts.incidents.permissions import check_sees_content
from analysts.models import Batch, BatchItem, BatchKind, Incident, User
from analysts.takedown.chasing.actions import check
from analysts.takedown.next_steps.actions import refresh_next_step
from analysts.takedown.tracing.actions import trace
from analysts.welfare import exposure
from audit.actions import JSON, record_event
from audit.log_ids import AccountId
from audit.permissions import Denied, is_allowed
from reports import installation_keys, keys


class LineOutcome(models.TextChoices):
    """The result of importing a line."""

    TAKEN = "taken", gettext_lazy("imported")
    AGAIN = "again", gettext_lazy("already imported")
    REFUSED = "refused", gettext_lazy("refused")


@dataclass(frozen=True, slots=True)
class ImportedLine:
    """The result of one line of a file; `incident` is None where the line identifies none."""

    number: int
    outcome: LineOutcome
    reason: str = ""
    incident: Incident | None = None


@dataclass(frozen=True, slots=True)
class ImportResult:
    """The result of an import. `promised`: the number of results in the file's header; None without a header."""

    lines: list[ImportedLine]
    promised: int | None

    @property
    def is_cut_short(self) -> bool:
        return self.promised is not None and self.promised > len(self.lines)

    @property
    def is_whole(self) -> bool:
        """Whether every result of the file was read."""
        unread = [line for line in self.lines if line.outcome == LineOutcome.REFUSED and not line.incident]
        return not self.is_cut_short and not unread

    def number(self, outcome: LineOutcome) -> int:
        return sum(line.outcome == outcome for line in self.lines)


def import_results(*, by: User, content: bytes, now: datetime | None = None) -> ImportResult:
    """Import a results file line by line, each in its own transaction, so that a refused line affects no other.

    A whole file without a damaged line also returns its batch. Importing the same file or line again changes nothing.
    Raises Denied if `by` may not import, or if the key that opens results is missing.
    """
    now = now or timezone.now()
    check_sees_content(by)
    try:
        results_keys = installation_keys.opening_results_keys(now)
    except keys.KeyMissing:
        raise Denied(_("There is no signing key. Run manage.py create_keys.")) from None
    lines: list[ImportedLine] = []
    heads: dict[UUID, ReadResult] = {}
    promised: int | None = None
    # A line that the file repeats costs no query.
    imported_lines: dict[bytes, ImportedLine] = {}
    for read in read_results(content, open_workstations(), *results_keys):
        match read.content:
            case ResultsHead() as head:
                heads[head.batch], promised = read, (promised or 0) + head.count
            case BatchResult() if read.digest in imported_lines:
                first = imported_lines[read.digest]
                outcome = LineOutcome.AGAIN if first.outcome == LineOutcome.TAKEN else first.outcome
                lines.append(replace(first, number=read.number, outcome=outcome))
            case BatchResult() as result:
                lines.append(_import_result(read, result, by=by, now=now))
                imported_lines[read.digest] = lines[-1]
            case None:
                lines.append(ImportedLine(read.number, LineOutcome.REFUSED, read.reason))
    imported = ImportResult(lines, promised)
    with transaction.atomic():
        batches = [
            batch for batch in map(_batch_of_head, heads.values()) if batch and is_allowed(check_can_import, by, batch)
        ]
        for batch in batches if imported.is_whole else ():
            end_imported_batch(batch, by=by, now=now)
        counts: Counter[str] = Counter(line.outcome.value for line in lines)
        details: dict[str, JSON] = {"batches": sorted(str(batch.pk) for batch in batches), **counts}
        record_event(by=by, action="batch.import", details=details, at=now)
    return imported


def _batch_of_head(read: ReadResult) -> Batch | None:
    """The batch that the header names, if the workstation that signed it has it."""
    if not isinstance(read.content, ResultsHead):
        return None
    return Batch.objects.select_related("by").filter(pk=read.content.batch, workstation=read.workstation).first()


# --- Applying --------------------------------------------------------------------------------------


def _import_result(read: ReadResult, result: BatchResult, *, by: User, now: datetime) -> ImportedLine:
    items = BatchItem.objects.select_related("batch__by", "incident")
    item = items.filter(pk=result.item, batch=result.batch, batch__workstation=read.workstation).first()
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
    is_assessment = BatchKind(item.kind).is_assessment
    if is_assessment:
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
        characters = count_characters(incident, drawer)
        exposure.add_reveal(drawer, seconds=item.seconds, characters=characters, now=now)
    item.answered_at, item.answer, item.refusal = now, read.digest, remark[:300]
    item.save(update_fields=["answered_at", "answer", "seconds", "refusal"])
    if not is_assessment:
        refresh_next_step(incident, now=now)
    details: dict[str, JSON] = {"batch": str(batch.pk), "holder": AccountId(drawer.pk)}
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
    try:
        with transaction.atomic():
            for traced in result.traces:
                trace(by=drawer, incident=incident, source=item.pk, now=now, **dict(traced))
            if result.available:
                # A check cannot be older than the batch, so that no clock makes several checks of one.
                made_at = max(result.available.at, item.batch.at)
                outcome = result.available.outcome
                check(by=drawer, incident=incident, outcome=outcome, at=made_at, source=item.pk, now=now)
    except Denied as denied:
        return str(denied.reason)
    return ""
