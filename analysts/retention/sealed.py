"""What lies sealed, and why it must stay readable; what may go. Asked of the database key by key, never of all history.

What is still readable is told by partial indexes (`submission_readable` and its like), so what has been erased costs
nothing. Words follow the incidents of their report: they stay until the last of those may go.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import (
    Case,
    CharField,
    Exists,
    Model,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    TextChoices,
    Value,
    When,
)
from django.utils.translation import gettext_lazy as _

from analysts.codes import Closing
from analysts.incidents.contents import (
    address_info,
    copy_info,
    draft_info,
    note_info,
    notice_answer_info,
    submission_info,
)
from analysts.models import Draft, Hold, Incident, Note, NoticeItem, Outgoing, UrlListEntry
from analysts.states import State
from reports.actions import message_info
from reports.models import Arrival, KeyClass, Message, NoticeAnswer, SealingKey, Submission


class Why(TextChoices):
    """Why something outlives its key; the first that is true."""

    HELD = "held", _("under legal hold")
    NOT_TAKEN_IN = "not_taken_in", _("not yet in the queue")
    UNASSESSED = "unassessed", _("not yet assessed")
    IN_WORK = "in_work", _("illegal and not yet closed")
    LISTED = "listed", _("on the URL list")
    RECENT = "recent", _("closed, and to be kept for some time")


GOES = ""


def retention_days(key_class: KeyClass, closing: Closing) -> int:
    """How long after an incident was closed this is kept."""
    outcome = "NOT_ACTIONED" if closing == Closing.NOT_ACTIONED else "ACTIONED"
    found: int = getattr(settings, f"{key_class.name}_DAYS_{outcome}")
    return found


def _is_over(key_class: KeyClass, now: datetime) -> Q:
    """Incidents of which nothing of the class need be kept, holds aside."""
    over = Q()
    for closing in Closing:
        over |= Q(closing=closing, closed_on__lte=now.date() - timedelta(days=retention_days(key_class, closing)))
    return Q(state=State.CLOSED) & over


def _why_words_stay(*, received: str, now: datetime) -> Case:
    """Why an envelope or a question stays; `received` names the field that says since when it is there.

    Something new about what has been closed for long is kept too for as long as the shortest retention of words.
    """
    # What was merged is closed, and says nothing: words follow the incident that it is part of now.
    incidents = Incident.objects.filter(sightings__report=OuterRef("receipt_id")).exclude(closing=Closing.MERGED)
    held = Hold.objects.filter(released_at=None, incident__sightings__report=OuterRef("receipt_id"))
    arrivals = Arrival.objects.filter(submission__receipt=OuterRef("receipt_id"))
    newest = now - timedelta(days=min(retention_days(KeyClass.WORDS, closing) for closing in Closing))
    return Case(
        When(Exists(held), then=Value(Why.HELD.value)),
        When(Exists(arrivals) | ~Exists(incidents), then=Value(Why.NOT_TAKEN_IN.value)),
        When(Exists(incidents.filter(state__in=[State.WAITING, State.CLAIMED])), then=Value(Why.UNASSESSED.value)),
        When(Exists(incidents.exclude(state=State.CLOSED)), then=Value(Why.IN_WORK.value)),
        When(
            Exists(incidents.exclude(_is_over(KeyClass.WORDS, now))) | Q(**{f"{received}__gt": newest}),
            then=Value(Why.RECENT.value),
        ),
        default=Value(GOES),
        output_field=CharField(),
    )


def _why_addresses_stay(*, now: datetime) -> Case:
    """Why the address of an incident stays. That of what was merged stays while the other one is in work, or held."""
    holds = Hold.objects.filter(released_at=None)
    held = Exists(holds.filter(incident=OuterRef("pk"))) | Exists(holds.filter(incident=OuterRef("merged_into")))
    other = Incident.objects.filter(pk=OuterRef("merged_into")).exclude(state=State.CLOSED)
    return Case(
        When(held, then=Value(Why.HELD.value)),
        When(state__in=[State.WAITING, State.CLAIMED], then=Value(Why.UNASSESSED.value)),
        When(~Q(state=State.CLOSED) | Exists(other), then=Value(Why.IN_WORK.value)),
        When(~_is_over(KeyClass.ADDRESSES, now), then=Value(Why.RECENT.value)),
        default=Value(GOES),
        output_field=CharField(),
    )


def _with_its_incident(*, now: datetime) -> Subquery:
    """It stays as long as its incident's address would, even where that has none."""
    return Subquery(Incident.objects.filter(pk=OuterRef("incident_id")).values(why=_why_addresses_stay(now=now)))


def _why_entries_stay(*, now: datetime) -> Case:
    """What members block stays for as long as it is on the list, which people review."""
    return Case(When(removed_on=None, then=Value(Why.LISTED.value)), default=_with_its_incident(now=now))


def _why_replies_stay(*, now: datetime) -> Case:
    """What a recipient wrote stays as long as words about any incident of the notice would."""
    incidents = Incident.objects.filter(notice_items__notice__link=OuterRef("link_id"))
    return Case(
        When(Exists(incidents.filter(holds__released_at=None, holds__isnull=False)), then=Value(Why.HELD.value)),
        When(taken_in=False, then=Value(Why.NOT_TAKEN_IN.value)),
        When(Exists(incidents.exclude(state=State.CLOSED)), then=Value(Why.IN_WORK.value)),
        When(Exists(incidents.exclude(_is_over(KeyClass.WORDS, now))), then=Value(Why.RECENT.value)),
        default=Value(GOES),
        output_field=CharField(),
    )


def _why_drafts_stay() -> Case:
    """A draft is of use only while its incident is open to be assessed; no hold keeps it, as nothing was decided."""
    is_open = Q(incident__state__in=[State.WAITING, State.CLAIMED])
    return Case(When(is_open, then=Value(Why.UNASSESSED.value)), default=Value(GOES), output_field=CharField())


@dataclass(frozen=True, slots=True)
class Sealed:
    """One kind of thing that lies sealed under keys of a class: where, and what it is bound to."""

    name: str
    key_class: KeyClass
    model: type[Model]
    field: str
    # Everything that is blanked with it.
    blanked: tuple[str, ...]
    info: Callable[[Any], bytes]
    # An expression over its rows: a Why, or GOES.
    why: Callable[[datetime], Case | Subquery]

    def readable(self, **where: Any) -> "QuerySet[Any]":
        """What is still there, in the order of its index."""
        rows: QuerySet[Any] = self.model._default_manager.filter(**where).exclude(**{self.field: b""})
        return rows.order_by("pk")

    def under(self, key: SealingKey, now: datetime) -> "QuerySet[Any]":
        """What lies under the key, each with `why` it stays; GOES where it need not."""
        rows: QuerySet[Any] = self.readable(key=key).annotate(why=self.why(now))
        return rows


SEALED = (
    Sealed(
        name="envelopes",
        key_class=KeyClass.WORDS,
        model=Submission,
        field="sealed",
        blanked=("sealed",),
        info=submission_info,
        why=lambda now: _why_words_stay(received="received_hour", now=now),
    ),
    Sealed(
        name="questions",
        key_class=KeyClass.WORDS,
        model=Message,
        field="sealed_for_staff",
        blanked=("sealed_for_staff", "sealed_for_reporter"),
        info=lambda message: message_info(message.receipt_id),
        why=lambda now: _why_words_stay(received="asked_on", now=now),
    ),
    Sealed(
        name="addresses",
        key_class=KeyClass.ADDRESSES,
        model=Incident,
        field="sealed_address",
        blanked=("sealed_address",),
        info=lambda incident: address_info(incident.pk),
        why=lambda now: _why_addresses_stay(now=now),
    ),
    Sealed(
        name="notes",
        key_class=KeyClass.ADDRESSES,
        model=Note,
        field="sealed",
        blanked=("sealed",),
        info=note_info,
        why=lambda now: _with_its_incident(now=now),
    ),
    Sealed(
        name="outgoing_addresses",
        key_class=KeyClass.ADDRESSES,
        model=Outgoing,
        field="sealed",
        blanked=("sealed",),
        info=copy_info,
        why=lambda now: _with_its_incident(now=now),
    ),
    Sealed(
        name="addresses_in_notices",
        key_class=KeyClass.ADDRESSES,
        model=NoticeItem,
        field="sealed",
        blanked=("sealed",),
        info=copy_info,
        why=lambda now: _with_its_incident(now=now),
    ),
    Sealed(
        name="url_list",
        key_class=KeyClass.ADDRESSES,
        model=UrlListEntry,
        field="sealed",
        blanked=("sealed",),
        info=copy_info,
        why=lambda now: _why_entries_stay(now=now),
    ),
    Sealed(
        name="answers_to_notices",
        key_class=KeyClass.WORDS,
        model=NoticeAnswer,
        field="sealed",
        blanked=("sealed",),
        info=notice_answer_info,
        why=lambda now: _why_replies_stay(now=now),
    ),
    Sealed(
        name="drafts",
        key_class=KeyClass.WORDS,
        model=Draft,
        field="sealed",
        blanked=("sealed",),
        info=draft_info,
        why=lambda now: _why_drafts_stay(),
    ),
)


def kinds_under(key: SealingKey) -> tuple[Sealed, ...]:
    """The kinds of things that keys of this class seal."""
    return tuple(kind for kind in SEALED if kind.key_class == key.key_class)
