"""The kinds of sealed content, and the query expressions for why each row must stay readable or may be erased.

Queries cover one key at a time. Partial indexes (such as `submission_readable`) contain only readable rows, so erased
rows cost nothing. The text of a report is kept until the last of the report's incidents may be erased.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db.models import Case, CharField, Exists, Model, OuterRef, Q, QuerySet, Subquery, TextChoices, Value, When
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from analysts.codes import Closing, IncidentKind, Verdict
from analysts.incidents.sealing_contexts import (
    address_info,
    copy_info,
    draft_info,
    history_row_info,
    note_info,
    notice_answer_info,
    sighting_info,
    submission_info,
    words_release_info,
)
from analysts.models import (
    Draft,
    HistoryRow,
    Hold,
    HostingTrace,
    Incident,
    Note,
    NoticeItem,
    Redaction,
    Report,
    Sighting,
    UrlListEntry,
    WordsRelease,
)
from analysts.states import State
from countries.decided_settings import number_in_force
from reports.actions import message_info
from reports.models import Arrival, KeyClass, Message, NoticeAnswer, SealingKey, Submission

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise


class Why(TextChoices):
    """Why content outlives its key; if several reasons apply, the first counts."""

    HELD = "held", _("under legal hold")
    NOT_TAKEN_IN = "not_taken_in", _("not yet in the queue")
    UNASSESSED = "unassessed", _("not yet assessed")
    IN_WORK = "in_work", _("illegal and not yet closed")
    LISTED = "listed", _("on the URL list")
    RECENT = "recent", _("closed, within the retention period")


GOES = ""


def retention_days(key_class: KeyClass, closing: Closing) -> int:
    """Days for which content of the class is kept after its incident was closed."""
    outcome = "NOT_ACTIONED" if closing == Closing.NOT_ACTIONED else "ACTIONED"
    return number_in_force(f"{key_class.name}_DAYS_{outcome}")


def _is_over(key_class: KeyClass, now: datetime) -> Q:
    """Condition for incidents whose content of the class need not be kept, legal holds aside."""
    expired = Q()
    for closing in Closing:
        expired |= Q(closing=closing, closed_on__lte=now.date() - timedelta(days=retention_days(key_class, closing)))
    return Q(state=State.CLOSED) & expired


def _why_words_stay(now: datetime, *, received: str, receipt: str = "receipt_id") -> Case:
    """Why an envelope, a question or a released sentence is kept; `received` is the name of its date field.

    A new one about incidents closed long ago is kept for the shortest retention period of texts.
    """
    # Merged incidents are ignored: the text follows the incident that they were merged into.
    incidents = Incident.objects.filter(sightings__report=OuterRef(receipt)).exclude(closing=Closing.MERGED)
    holds = Hold.objects.filter(released_at=None, incident__sightings__report=OuterRef(receipt))
    arrivals = Arrival.objects.filter(submission__receipt=OuterRef(receipt))
    newest = now - timedelta(days=min(retention_days(KeyClass.WORDS, closing) for closing in Closing))
    return Case(
        When(Exists(holds), then=Value(Why.HELD.value)),
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


def _why_addresses_stay(now: datetime) -> Case:
    """Why an incident's address is kept; a merged one's also while the other incident is open or held."""
    holds = Hold.objects.filter(released_at=None)
    is_on_hold = Exists(holds.filter(incident=OuterRef("pk"))) | Exists(holds.filter(incident=OuterRef("merged_into")))
    other = Incident.objects.filter(pk=OuterRef("merged_into")).exclude(state=State.CLOSED)
    return Case(
        When(is_on_hold, then=Value(Why.HELD.value)),
        When(state__in=[State.WAITING, State.CLAIMED], then=Value(Why.UNASSESSED.value)),
        When(~Q(state=State.CLOSED) | Exists(other), then=Value(Why.IN_WORK.value)),
        When(~_is_over(KeyClass.ADDRESSES, now), then=Value(Why.RECENT.value)),
        default=Value(GOES),
        output_field=CharField(),
    )


def _with_its_incident(now: datetime) -> Subquery:
    """Keep the row as long as its incident's address would be kept, even if the incident has none."""
    return Subquery(Incident.objects.filter(pk=OuterRef("incident_id")).values(why=_why_addresses_stay(now)))


def _why_entries_stay(now: datetime) -> Case:
    """Keep an entry while it is on the URL list, whose entries are reviewed; then as long as its incident's address."""
    return Case(When(removed_on=None, then=Value(Why.LISTED.value)), default=_with_its_incident(now))


def _why_replies_stay(now: datetime) -> Case:
    """Keep a recipient's reply as long as the text about any incident of the notice would be kept."""
    incidents = Incident.objects.filter(notice_items__notice__link=OuterRef("link_id"))
    return Case(
        When(Exists(incidents.filter(holds__released_at=None, holds__isnull=False)), then=Value(Why.HELD.value)),
        When(taken_in=False, then=Value(Why.NOT_TAKEN_IN.value)),
        When(Exists(incidents.exclude(state=State.CLOSED)), then=Value(Why.IN_WORK.value)),
        When(Exists(incidents.exclude(_is_over(KeyClass.WORDS, now))), then=Value(Why.RECENT.value)),
        default=Value(GOES),
        output_field=CharField(),
    )


def _why_drafts_stay(now: datetime) -> Case:
    """Keep a draft only while its incident can be assessed. Legal holds do not keep it: it is no decision."""
    is_open = Q(incident__state__in=[State.WAITING, State.CLAIMED])
    return Case(When(is_open, then=Value(Why.UNASSESSED.value)), default=Value(GOES), output_field=CharField())


def _why_history_stays(now: datetime) -> Case:
    """Keep the address of an imported case as long as if it had been closed here on its last date there."""
    illegal, other = (
        now.date() - timedelta(days=retention_days(KeyClass.ADDRESSES, closing))
        for closing in (Closing.GONE, Closing.NOT_ACTIONED)
    )
    over = Q(verdict=Verdict.ILLEGAL, decided_on__lte=illegal) | (
        ~Q(verdict=Verdict.ILLEGAL) & Q(decided_on__lte=other)
    )
    return Case(When(~over, then=Value(Why.RECENT.value)), default=Value(GOES), output_field=CharField())


def _keyed_by_envelopes(pks: Collection[UUID]) -> "tuple[QuerySet[Any], ...]":
    """The reports of these envelopes, and the incidents that consisted of their words alone."""
    reports = Report.objects.filter(receipt__submissions__pk__in=pks)
    words = Incident.objects.filter(kind=IncidentKind.WORDS, sightings__report__receipt__submissions__pk__in=pks)
    # An account may have many reports.
    others = Submission.objects.filter(receipt__report__sightings__incident=OuterRef("pk")).exclude(sealed=b"")
    return reports, words.exclude(Exists(others))


@dataclass(frozen=True, slots=True)
class Sealed:
    """One kind of content sealed under keys of a class: where it is stored, and what the sealing binds it to.

    By default it is an address in the field `sealed`, which is kept as long as its incident's own.
    """

    name: str
    # "3 notes", for `shown` and `number`.
    count_text: "StrPromise"
    model: type[Model]
    key_class: KeyClass = KeyClass.ADDRESSES
    field: str = "sealed"
    # Fields that are blanked with it when it is erased, with the value they get.
    also_blanked: Mapping[str, bytes | None] = MappingProxyType({})
    info: Callable[[Any], bytes] = copy_info
    # The field of its mask under the key of masks, which is resealed with it; "" for all but incidents.
    mask_field: str = ""
    # Makes an expression over its rows that yields a Why or GOES.
    why: Callable[[datetime], Case | Subquery] = _with_its_incident
    # The rows whose record key is erased with it, by the ids of erased content.
    keyed_rows: "Callable[[Collection[UUID]], tuple[QuerySet[Any], ...]] | None" = None

    @property
    def blanked(self) -> Mapping[str, bytes | None]:
        """All fields that are blanked when it is erased, with the value they get."""
        return {self.field: b"", **self.also_blanked}

    @property
    def resealed(self) -> tuple[str, ...]:
        """The fields that are sealed again under a later key."""
        return (self.field, self.mask_field) if self.mask_field else (self.field,)

    def readable(self, **where: object) -> "QuerySet[Any]":
        """Rows not yet blanked, in index order."""
        rows: QuerySet[Any] = self.model._default_manager.filter(**where).exclude(**{self.field: b""})
        return rows.order_by("pk")

    def under(self, key: SealingKey, now: datetime) -> "QuerySet[Any]":
        """Rows sealed under the key, annotated with `why` they are kept (GOES if they need not be)."""
        rows: QuerySet[Any] = self.readable(key=key).annotate(why=self.why(now))
        return rows


SEALED = (
    Sealed(
        name="envelopes",
        count_text=ngettext_lazy("%(shown)s envelope", "%(shown)s envelopes", "number"),
        model=Submission,
        key_class=KeyClass.WORDS,
        also_blanked={"digest": None},
        info=submission_info,
        why=partial(_why_words_stay, received="received_hour"),
        keyed_rows=_keyed_by_envelopes,
    ),
    Sealed(
        name="questions",
        count_text=ngettext_lazy("%(shown)s question", "%(shown)s questions", "number"),
        model=Message,
        key_class=KeyClass.WORDS,
        field="sealed_for_staff",
        also_blanked={"sealed_for_reporter": b""},
        info=lambda message: message_info(message.receipt_id),
        why=partial(_why_words_stay, received="asked_on"),
    ),
    Sealed(
        name="released_words",
        count_text=ngettext_lazy("%(shown)s released sentence", "%(shown)s released sentences", "number"),
        model=WordsRelease,
        key_class=KeyClass.WORDS,
        info=words_release_info,
        why=partial(_why_words_stay, received="at", receipt="report_id"),
    ),
    Sealed(
        name="addresses",
        count_text=ngettext_lazy("%(shown)s address", "%(shown)s addresses", "number"),
        model=Incident,
        field="sealed_address",
        also_blanked={"sealed_mask": b""},
        info=lambda incident: address_info(incident.pk),
        mask_field="sealed_mask",
        why=_why_addresses_stay,
        keyed_rows=lambda pks: (Incident.objects.filter(pk__in=pks),),
    ),
    Sealed(
        name="reported_addresses",
        count_text=ngettext_lazy("%(shown)s address as reported", "%(shown)s addresses as reported", "number"),
        model=Sighting,
        field="sealed_address",
        info=sighting_info,
    ),
    Sealed(
        name="imported_addresses",
        count_text=ngettext_lazy("%(shown)s imported address", "%(shown)s imported addresses", "number"),
        model=HistoryRow,
        info=history_row_info,
        why=_why_history_stays,
    ),
    Sealed(
        name="notes",
        count_text=ngettext_lazy("%(shown)s note", "%(shown)s notes", "number"),
        model=Note,
        info=note_info,
    ),
    Sealed(
        name="redaction_addresses",
        count_text=ngettext_lazy("%(shown)s confirmed redaction", "%(shown)s confirmed redactions", "number"),
        model=Redaction,
    ),
    Sealed(
        name="addresses_in_notices",
        count_text=ngettext_lazy("%(shown)s address in a notice", "%(shown)s addresses in notices", "number"),
        model=NoticeItem,
    ),
    Sealed(
        name="host_addresses",
        count_text=ngettext_lazy("%(shown)s IP address of a host", "%(shown)s IP addresses of hosts", "number"),
        model=HostingTrace,
    ),
    Sealed(
        name="url_list",
        count_text=ngettext_lazy("%(shown)s URL list entry", "%(shown)s URL list entries", "number"),
        model=UrlListEntry,
        why=_why_entries_stay,
    ),
    Sealed(
        name="answers_to_notices",
        count_text=ngettext_lazy("%(shown)s reply", "%(shown)s replies", "number"),
        model=NoticeAnswer,
        key_class=KeyClass.WORDS,
        also_blanked={"digest": None},
        info=notice_answer_info,
        why=_why_replies_stay,
    ),
    Sealed(
        name="drafts",
        count_text=ngettext_lazy("%(shown)s draft", "%(shown)s drafts", "number"),
        model=Draft,
        key_class=KeyClass.WORDS,
        info=draft_info,
        why=_why_drafts_stay,
    ),
)


def kinds_under(key: SealingKey) -> tuple[Sealed, ...]:
    """The kinds of content of which something is sealed under this key: most keys seal only a few."""
    of_class = (kind for kind in SEALED if kind.key_class == key.key_class)
    return tuple(kind for kind in of_class if kind.readable(key=key).exists())
