"""Export workstation files, import workstation results, and register or close workstations."""

import uuid
from collections import Counter
from dataclasses import dataclass, replace
from datetime import datetime

from django.db import IntegrityError, models, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from analysts.handoff import answers, signing
from analysts.handoff.allowances import check_has_addresses_left, serialise_files
from analysts.handoff.batch_ends import revoke_batches_of
from analysts.handoff.findings import record_findings
from analysts.handoff.format import MOST_ITEMS, AnswersHead, HandoffAnswer
from analysts.handoff.permissions import check_can_close_workstation, check_can_hand_off, check_keeps_workstations
from analysts.handoff.questions import build_export_file, due_chases, questions_for
from analysts.handoff.sealed_lines import sealing_key_id
from analysts.incidents import contents
from analysts.incidents.locking import lock_incident, record_act
from analysts.models import Handoff, HandoffItem, Incident, User, Workstation
from analysts.takedown.next_steps.actions import refresh_next_steps
from audit.actions import JSON, record_event, record_view
from audit.permissions import Denied
from reports import keys


@dataclass(frozen=True, slots=True, repr=False)
class ExportedFile:
    """A new file. `unreadable`: the number of incidents left out because their address cannot be unsealed."""

    handoff: Handoff
    content: bytes
    unreadable: int


def view_handoff(*, by: User, count: int, now: datetime | None = None) -> None:
    """Record in the audit log that `by` saw the list of incidents for the workstation."""
    check_can_hand_off(by)
    record_view(by=by, action="handoff.view", details={"count": count}, at=now or timezone.now())


@transaction.atomic
def export_questions(*, by: User, again: bool = False, now: datetime | None = None) -> ExportedFile:
    """Build a signed file with up to MOST_ITEMS questions and their addresses in clear; it is not stored.

    It holds no more addresses than `by` may still put into files today (`allowances`).
    Incidents with an unanswered question in an earlier file are left out unless `again` is set. An answer to the
    earlier question is then refused.

    Raises:
        Denied: `by` may not export or has no addresses left today, the signing key is missing, or there is nothing to
            ask.
    """
    now = now or timezone.now()
    check_can_hand_off(by)
    try:
        secret = keys.handoff_key()
    except keys.KeyMissing:
        raise Denied(gettext_lazy("There is no signing key. Run manage.py create_keys.")) from None
    serialise_files()
    most = min(MOST_ITEMS, check_has_addresses_left(by, now=now))
    wanted = due_chases(by, again=again, now=now).select_related("incident")[:most]
    opened = [(chase, contents.unseal_address(chase.incident)) for chase in wanted]
    readable = [(chase, address.normalised) for chase, address in opened if address]
    if not readable:
        raise Denied(gettext_lazy("No incident needs the isolated workstation now."))
    handoff = Handoff.objects.create(by=by, at=now)
    items = [
        HandoffItem(handoff=handoff, incident=chase.incident, round=chase.incident.round, asked=questions_for(chase))
        for chase, _address in readable
    ]
    HandoffItem.objects.bulk_create(items)
    addresses = [address for _chase, address in readable]
    content = build_export_file(handoff, zip(items, addresses, strict=True), secret=secret)
    refresh_next_steps([item.incident_id for item in items], now=now)
    for item in items:
        record_act("hand_off", item.incident, by=by, now=now, details={"handoff": str(handoff.pk)})
    record_event(by=by, action="handoff.export", on=handoff, details={"count": len(items)}, at=now)
    return ExportedFile(handoff, content, len(opened) - len(readable))


# --- Import ------------------------------------------------------------------------------------------


class LineOutcome(models.TextChoices):
    """The result of importing a line."""

    TAKEN = "taken", gettext_lazy("imported")
    AGAIN = "again", gettext_lazy("already imported")
    REFUSED = "refused", gettext_lazy("refused")


@dataclass(frozen=True, slots=True)
class ImportedLine:
    """The result of one line of an answers file; `incident` is None where the line identifies none."""

    number: int
    outcome: LineOutcome
    reason: str = ""
    incident: Incident | None = None


@dataclass(frozen=True, slots=True)
class ImportResult:
    """The result of an import. `promised`: the number of answers in the file's header; None without a header."""

    lines: list[ImportedLine]
    promised: int | None

    @property
    def is_cut_short(self) -> bool:
        return self.promised is not None and self.promised > len(self.lines)

    def number(self, outcome: LineOutcome) -> int:
        return sum(line.outcome == outcome for line in self.lines)


def import_answers(*, by: User, content: bytes, now: datetime | None = None) -> ImportResult:
    """Import an answers file line by line, each in its own transaction, so that a refused line affects no other.

    Importing the same file or line again changes nothing.
    """
    now = now or timezone.now()
    check_can_hand_off(by)
    known = answers.by_key(list(Workstation.objects.filter(closed_on=None)))
    found: list[ImportedLine] = []
    promised: int | None = None
    names: set[str] = set()
    # A line that the file repeats costs no query.
    done: dict[bytes, ImportedLine] = {}
    for read in answers.read_answers(content, known):
        names |= {read.workstation.name} if read.workstation else set()
        match read.said:
            case AnswersHead():
                promised = (promised or 0) + read.said.count
            case HandoffAnswer() if read.digest in done:
                first = done[read.digest]
                outcome = LineOutcome.AGAIN if first.outcome == LineOutcome.TAKEN else first.outcome
                found.append(replace(first, number=read.number, outcome=outcome))
            case HandoffAnswer():
                found.append(_import_answer(read, read.said, by=by, now=now))
                done[read.digest] = found[-1]
            case None:
                found.append(ImportedLine(read.number, LineOutcome.REFUSED, read.reason))
    imported = ImportResult(found, promised)
    counts: Counter[str] = Counter(line.outcome.value for line in found)
    details: dict[str, JSON] = {"workstations": sorted(names), **counts}
    with transaction.atomic():
        record_event(by=by, action="handoff.import", details=details, at=now)
    return imported


def _import_answer(read: answers.Read, answer: HandoffAnswer, *, by: User, now: datetime) -> ImportedLine:
    item = HandoffItem.objects.select_related("incident").filter(pk=answer.item).first()
    if item is None or not Incident.objects.visible_to(by).filter(pk=item.incident_id).exists():
        return ImportedLine(
            read.number,
            LineOutcome.REFUSED,
            _("There is no such question, or it concerns a portal you do not work for."),
        )
    try:
        return ImportedLine(read.number, _apply_answer(read, answer, item.pk, by=by, now=now), incident=item.incident)
    except Denied as denied:
        return ImportedLine(read.number, LineOutcome.REFUSED, str(denied.reason), item.incident)


@transaction.atomic
def _apply_answer(
    read: answers.Read, answer: HandoffAnswer, item_id: uuid.UUID, *, by: User, now: datetime
) -> LineOutcome:
    """Apply the whole answer or, where any part is refused, nothing of it."""
    incident = lock_incident(HandoffItem.objects.get(pk=item_id).incident, by)
    item = HandoffItem.objects.select_for_update(of=("self",)).select_related("handoff").get(pk=item_id)
    if item.answered_at is not None:
        if bytes(item.answer) == read.digest:
            return LineOutcome.AGAIN
        raise Denied(_("This question already has a different answer."))
    if item.round != incident.round:
        raise Denied(_("The incident has been reopened since the question was asked. The answer is out of date."))
    if incident.handoff_items.filter(handoff__at__gt=item.handoff.at, asked__overlap=item.asked).exists():
        raise Denied(_("A newer workstation file asks this again. Answer the newer one."))
    item.answered_at, item.workstation, item.answer = now, read.workstation, read.digest
    item.save(update_fields=["answered_at", "workstation", "answer"])
    record_findings(
        answer.traces,
        answer.available,
        by=by,
        incident=incident,
        source=item.pk,
        asked_at=item.handoff.at,
        now=now,
    )
    refresh_next_steps([incident.pk], now=now)
    return LineOutcome.TAKEN


# --- Workstations ------------------------------------------------------------------------------------


def view_workstations(*, by: User, now: datetime | None = None) -> None:
    """Record in the audit log that `by` saw the list of workstations."""
    check_keeps_workstations(by)
    record_view(by=by, action="workstation.view", at=now or timezone.now())


@transaction.atomic
def register_workstation(
    *, by: User, name: str, public_key: bytes, sealing_key: bytes = b"", now: datetime | None = None
) -> Workstation:
    """Accept results signed with the private half of `public_key` from now on, and seal batches to `sealing_key`."""
    now = now or timezone.now()
    check_keeps_workstations(by)
    try:
        with transaction.atomic():
            workstation = Workstation.objects.create(
                name=name, public_key=public_key, sealing_key=sealing_key, by=by, at=now
            )
    except IntegrityError:
        raise Denied(gettext_lazy("Another workstation (open or closed) has this name or key.")) from None
    details: dict[str, JSON] = {"name": name, "key": signing.public_key_id(public_key)}
    if sealing_key:
        details["sealing_key"] = sealing_key_id(sealing_key)
    record_event(by=by, action="workstation.register", on=workstation, details=details, at=now)
    return workstation


@transaction.atomic
def close_workstation(*, by: User, workstation: Workstation, now: datetime | None = None) -> Workstation:
    """Refuse all results signed by the workstation, whenever signed, and revoke its open batches, whose incidents
    return to the queue. Results already imported stay."""
    now = now or timezone.now()
    workstation = Workstation.objects.select_for_update().get(pk=workstation.pk)
    check_can_close_workstation(by, workstation)
    workstation.closed_on = now.date()
    workstation.save(update_fields=["closed_on"])
    details: dict[str, JSON] = {"name": workstation.name, "key": signing.public_key_id(bytes(workstation.public_key))}
    if revoked := revoke_batches_of(workstation, by=by, now=now):
        details["batches"] = revoked
    record_event(by=by, action="workstation.close", on=workstation, details=details, at=now)
    return workstation
