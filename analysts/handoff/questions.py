"""Questions for the isolated workstation: select the open chases that need one, and build the signed file."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, TypedDict, cast

from django.db.models import (
    BooleanField,
    Case,
    CharField,
    Exists,
    Func,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.db.models.functions import Coalesce
from django.db.models.lookups import IsNull

from analysts.handoff.format import ExportHead, HandoffQuestion
from analysts.handoff.signing import Typ, sign_line
from analysts.models import (
    BatchItem,
    BatchState,
    Chase,
    Handoff,
    HandoffItem,
    HostingTrace,
    IncidentKind,
    User,
    WorkstationTask,
)
from countries.decided_settings import number_in_force

if TYPE_CHECKING:
    from django_stubs_ext import WithAnnotations


class ToFindOut(TypedDict):
    """Annotations of `due_chases`. `is_out`: an earlier file asks about the incident and has no answer yet."""

    wants_trace: bool
    wants_check: bool
    is_out: bool


type DueChase = "WithAnnotations[Chase, ToFindOut]"


def due_chases(user: User, *, again: bool, now: datetime) -> QuerySet[DueChase]:
    """The open chases that `user` may see and that need a trace or a check, longest waiting first.

    Chases that are already in a file (`is_out`) are included only with `again`, those in an open batch never.
    """
    later = HostingTrace.objects.filter(incident=OuterRef("incident"), at__gte=OuterRef("traced_at"))
    # As `HostingPlace.is_same`: another name with the same network number is the same place.
    disagreeing = (
        later.annotate(number=_network_number("network"))
        .exclude(country=OuterRef("country"), provider=OuterRef("provider"))
        .exclude(country=OuterRef("country"), number=Coalesce(_network_number(OuterRef("network")), Value("-")))
    )
    out = HandoffItem.objects.filter(
        incident=OuterRef("incident"), round=OuterRef("incident__round"), answered_at__isnull=True
    )
    drawn = BatchItem.objects.filter(incident=OuterRef("incident"), answered_at=None, batch__state=BatchState.DRAWN)
    # A subquery per chase, because PostgreSQL would read every item ever exported for an EXISTS.
    first_out = Subquery(out.order_by().values("pk")[:1])
    first_drawn = Subquery(drawn.order_by().values("pk")[:1])
    found = (
        Chase.objects.filter(ended_at=None, incident__portals__overlap=user.portal_ids)
        .filter(incident__kind=IncidentKind.ADDRESS)
        .annotate(
            # The same rule as `chasing.rules.check_due_at`.
            looked_at=Coalesce("checked_at", "noticed_at", "since"),
            is_out=IsNull(first_out, False),
            wants_trace=_as_boolean(Q(trace=0) | Q(Exists(disagreeing))),
        )
        .annotate(
            wants_check=_as_boolean(
                Q(looked_at__lte=now - timedelta(hours=number_in_force("CHECK_HOURS")))
                | Q(removal_reported_at__isnull=False)
                | Q(check_asked_at__isnull=False)
            )
        )
        .filter(Q(wants_trace=True) | Q(wants_check=True))
        .filter(IsNull(first_drawn, True))
        .order_by("due_at", "pk")
    )
    return cast("QuerySet[DueChase]", found if again else found.filter(is_out=False))


def questions_for(chase: DueChase) -> list[WorkstationTask]:
    """The tasks for a chase from `due_chases`."""
    wanted = {WorkstationTask.TRACE: chase.wants_trace, WorkstationTask.AVAILABLE: chase.wants_check}
    return [each for each in WorkstationTask if wanted[each]]


def build_export_file(handoff: Handoff, items: Iterable[tuple[HandoffItem, str]], *, secret: bytes) -> bytes:
    """Build the file: the header, then one signed line for each item with its address."""
    questions = [
        HandoffQuestion(
            kind="question",
            file=handoff.pk,
            number=number,
            item=item.pk,
            asked=[WorkstationTask(each) for each in item.asked],
            round=item.round,
            address=address,
        )
        for number, (item, address) in enumerate(items, start=1)
    ]
    head = ExportHead(kind="export", format=1, file=handoff.pk, made_at=handoff.at, count=len(questions))
    signed = [sign_line(each.as_bytes(), secret=secret, typ=Typ.EXPORT) for each in (head, *questions)]
    return "".join(f"{line}\n" for line in signed).encode()


def _network_number(network: str | OuterRef) -> Func:
    """The number in the name of a network (AS64496), as text; NULL if it has none."""
    pattern = Value(r"(?i)\mAS\s?(\d{1,10})\M")
    return Func(network, pattern, function="substring", output_field=CharField())


def _as_boolean(condition: Q) -> Case:
    return Case(When(condition, then=True), default=False, output_field=BooleanField())
