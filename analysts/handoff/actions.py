"""Carrying questions to the isolated workstation, taking its answers in, and saying which workstations are believed."""

import uuid
from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, connection, models, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from analysts.handoff import answers, signing
from analysts.handoff.format import MOST_ITEMS, AnswersHead, HandoffAnswer
from analysts.handoff.permissions import check_can_close_workstation, check_can_hand_off, check_keeps_workstations
from analysts.handoff.questions import build_export_file, due_chases, questions_for
from analysts.incidents import contents
from analysts.incidents.locking import lock_incident, record_act
from analysts.models import Handoff, HandoffItem, Incident, User, Workstation
from analysts.takedown.chasing.actions import check
from analysts.takedown.tracing.actions import trace
from audit.actions import JSON, record_event
from audit.permissions import Denied
from reports import keys

# The advisory lock that puts those who make a file in line: "hand" in ASCII.
EXPORT_LOCK = 0x68616E64


@dataclass(frozen=True, slots=True, repr=False)
class Exported:
    """A new file. `unreadable`: how many incidents were left out, their addresses being erased or not to be opened."""

    handoff: Handoff
    content: bytes
    unreadable: int


@transaction.atomic
def view_handoff(*, by: User, count: int, now: datetime | None = None) -> None:
    """Put on record that somebody saw what has to be looked at."""
    check_can_hand_off(by)
    record_event(by=by, action="handoff.view", details={"count": count}, at=now or timezone.now())


@transaction.atomic
def export_questions(*, by: User, again: bool = False, now: datetime | None = None) -> Exported:
    """A signed file of what has to be looked at, addresses in clear, at most MOST_ITEMS. It is written nowhere here.

    What a file asks for that nobody has answered yet is left out, unless it is to be asked `again`: the older question
    is then refused an answer.
    """
    now = now or timezone.now()
    check_can_hand_off(by)
    try:
        secret = keys.handoff_key()
    except keys.KeyMissing:
        raise Denied(gettext_lazy("There is no key to sign files with: manage.py create_keys makes it.")) from None
    with connection.cursor() as cursor:
        # Two at once would ask the same, and each make the other's file stale.
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [EXPORT_LOCK])
    wanted = due_chases(by, again=again, now=now).select_related("incident")[:MOST_ITEMS]
    opened = [(chase, contents.unseal_address(chase.incident)) for chase in wanted]
    readable = [(chase, address.normalised) for chase, address in opened if address]
    if not readable:
        raise Denied(gettext_lazy("Nothing has to be looked at now."))
    handoff = Handoff.objects.create(by=by, at=now)
    items = [
        HandoffItem(handoff=handoff, incident=chase.incident, round=chase.incident.round, asked=questions_for(chase))
        for chase, _address in readable
    ]
    HandoffItem.objects.bulk_create(items)
    addresses = [address for _chase, address in readable]
    content = build_export_file(handoff, zip(items, addresses, strict=True), secret=secret)
    for item in items:
        record_act("hand_off", item.incident, by=by, now=now, details={"handoff": str(handoff.pk)})
    record_event(by=by, action="handoff.export", on=handoff, details={"count": len(items)}, at=now)
    return Exported(handoff, content, len(opened) - len(readable))


# --- What comes back ---------------------------------------------------------------------------------


class Came(models.TextChoices):
    """What became of a line."""

    TAKEN = "taken", gettext_lazy("taken in")
    AGAIN = "again", gettext_lazy("already taken in")
    REFUSED = "refused", gettext_lazy("refused")


@dataclass(frozen=True, slots=True)
class AnswerLineResult:
    """One line of a file of answers, and what became of it; `incident` where it is known which one it is about."""

    number: int
    came: Came
    reason: str = ""
    incident: Incident | None = None


@dataclass(frozen=True, slots=True)
class TakenIn:
    """`promised`: how many answers the file says it holds; None where it has no head that tells."""

    lines: list[AnswerLineResult]
    promised: int | None

    @property
    def is_cut_short(self) -> bool:
        return self.promised is not None and self.promised > len(self.lines)

    def number(self, came: Came) -> int:
        return sum(line.came == came for line in self.lines)


def take_in(*, by: User, content: bytes, now: datetime | None = None) -> TakenIn:
    """Apply a file of answers line by line, each in a transaction of its own: what is refused spoils nothing else.

    The same file, or the same line, once more changes nothing.
    """
    now = now or timezone.now()
    check_can_hand_off(by)
    known = answers.by_key(list(Workstation.objects.filter(closed_on=None)))
    found: list[AnswerLineResult] = []
    promised: int | None = None
    names: set[str] = set()
    for read in answers.read_answers(content, known):
        names |= {read.workstation.name} if read.workstation else set()
        match read.said:
            case AnswersHead():
                promised = (promised or 0) + read.said.count
            case HandoffAnswer():
                found.append(_take_in_answer(read, read.said, by=by, now=now))
            case None:
                found.append(AnswerLineResult(read.number, Came.REFUSED, read.reason))
    taken_in = TakenIn(found, promised)
    counts: Counter[str] = Counter(line.came.value for line in found)
    details: dict[str, JSON] = {"workstations": sorted(names), **counts}
    with transaction.atomic():
        record_event(by=by, action="handoff.import", details=details, at=now)
    return taken_in


def _take_in_answer(read: answers.Read, answer: HandoffAnswer, *, by: User, now: datetime) -> AnswerLineResult:
    item = HandoffItem.objects.select_related("incident").filter(pk=answer.item).first()
    if item is None or not Incident.objects.visible_to(by).filter(pk=item.incident_id).exists():
        return AnswerLineResult(
            read.number, Came.REFUSED, _("Nobody asked this, or it is about a portal that is not yours.")
        )
    try:
        return AnswerLineResult(
            read.number, _apply_answer(read, answer, item.pk, by=by, now=now), incident=item.incident
        )
    except Denied as denied:
        return AnswerLineResult(read.number, Came.REFUSED, str(denied.reason), item.incident)


@transaction.atomic
def _apply_answer(read: answers.Read, answer: HandoffAnswer, item_id: uuid.UUID, *, by: User, now: datetime) -> Came:
    """All that the answer says, or nothing of it."""
    incident = lock_incident(HandoffItem.objects.get(pk=item_id).incident, by)
    item = HandoffItem.objects.select_for_update(of=("self",)).select_related("handoff").get(pk=item_id)
    if item.answered_at is not None:
        if bytes(item.answer) == read.digest:
            return Came.AGAIN
        raise Denied(_("This question was answered before, and otherwise."))
    if item.round != incident.round:
        raise Denied(_("The incident was opened again since this was asked: the answer is about what was before."))
    if incident.handoff_items.filter(handoff__at__gt=item.handoff.at, asked__overlap=item.asked).exists():
        raise Denied(_("A newer file asks this again. Answer that one."))
    item.answered_at, item.workstation, item.answer = now, read.workstation, read.digest
    item.save(update_fields=["answered_at", "workstation", "answer"])
    for told in answer.traces:
        trace(
            by=by,
            incident=incident,
            method=told.method,
            country=told.country,
            provider=told.provider,
            network=told.network,
            note=told.note,
            at=told.at,
            source=item.pk,
            now=now,
        )
    if answer.available:
        seen = answer.available
        check(by=by, incident=incident, outcome=seen.outcome, at=seen.at, source=item.pk, now=now)
    return Came.TAKEN


# --- Whose answers are believed ----------------------------------------------------------------------


@transaction.atomic
def view_workstations(*, by: User, now: datetime | None = None) -> None:
    """Put on record that the page of workstations was seen."""
    check_keeps_workstations(by)
    record_event(by=by, action="workstation.view", at=now or timezone.now())


@transaction.atomic
def register_workstation(*, by: User, name: str, public_key: bytes, now: datetime | None = None) -> Workstation:
    """From now on answers count that were signed with the other half of this key."""
    now = now or timezone.now()
    check_keeps_workstations(by)
    try:
        with transaction.atomic():
            workstation = Workstation.objects.create(name=name, public_key=public_key, by=by, at=now)
    except IntegrityError:
        raise Denied(gettext_lazy("There is, or was, a workstation of this name or with this key.")) from None
    details: dict[str, JSON] = {"name": name, "key": signing.public_key_id(public_key)}
    record_event(by=by, action="workstation.register", on=workstation, details=details, at=now)
    return workstation


@transaction.atomic
def close_workstation(*, by: User, workstation: Workstation, now: datetime | None = None) -> Workstation:
    """From now on nothing counts that it signed, whenever that was. What was taken in before stays."""
    now = now or timezone.now()
    workstation = Workstation.objects.select_for_update().get(pk=workstation.pk)
    check_can_close_workstation(by, workstation)
    workstation.closed_on = now.date()
    workstation.save(update_fields=["closed_on"])
    details: dict[str, JSON] = {"name": workstation.name, "key": signing.public_key_id(bytes(workstation.public_key))}
    record_event(by=by, action="workstation.close", on=workstation, details=details, at=now)
    return workstation
