"""Work that an account holds, and where it goes when the account is switched off or may not do it any more.

An administrator hands it to colleagues on the page that switches the account off. The rest returns to its queue, at
once there and in the account's form, and within a minute after any other change (`return_stranded_work`).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from analysts.accounts import sessions
from analysts.accounts.coverage import note_coverage
from analysts.accounts.permissions import check_is_administrator
from analysts.assessment.actions.bulk import end_sample
from analysts.assessment.actions.claims import pass_on_claim
from analysts.handoff.batch_ends import return_batch_of_absent
from analysts.models import Batch, FloodSample, Incident, NextStep, User
from analysts.pages.approvals import KIND_BY_CODE
from analysts.states import State
from analysts.takedown.next_steps.actions import pass_on_step
from audit.actions import JSON, record_event
from audit.log_ids import AccountId
from audit.permissions import Denied, Late
from countries.models import ApprovalRequest
from countries.staff.requests.approvals import end_request

# Rows of a kind that one transaction moves; the worker moves the rest.
MOST_MOVED = 1_000

# Moves one row from its holder, to a colleague or to the queue. Returns whether the holder still had it; raises Denied
# if the colleague may not have it.
type MoveRow = Callable[[Any, User, User | None, User | None, datetime], bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldKind:
    """A kind of work that rows keep for one account.

    field: the row's account.
    holders: the accounts that may hold it.
    queue: where it goes without a colleague.
    can_be_handed: whether a colleague can have it.
    """

    name: str
    label: str | Promise
    queue: str | Promise
    field: str
    rows: Callable[[], QuerySet[Any]]
    holders: Callable[[], QuerySet[User]]
    move: MoveRow
    can_be_handed: bool = False

    def held_by(self, user: User) -> QuerySet[Any]:
        return self.rows().filter(**{self.field: user})

    def stranded(self) -> QuerySet[Any]:
        """The rows of accounts that may not hold them."""
        return self.rows().filter(**{f"{self.field}__in": User.objects.exclude(pk__in=self.holders().values("pk"))})


def _active_accounts() -> QuerySet[User]:
    return User.objects.filter(is_active=True)


def _end_approval(row: ApprovalRequest, holder: User, to: User | None, by: User | None, now: datetime) -> bool:
    return end_request(KIND_BY_CODE[row.kind], row, by=by, now=now)


HELD = (
    HeldKind(
        name="claims",
        label=_("Incidents in review"),
        queue=_("back to the queue"),
        field="claimed_by",
        rows=lambda: Incident.objects.filter(state=State.CLAIMED, batch=None),
        holders=User.objects.analysts,
        move=lambda row, holder, to, by, now: pass_on_claim(row, holder, to=to, by=by, now=now),
        can_be_handed=True,
    ),
    HeldKind(
        name="batches",
        label=_("Batches on a workstation"),
        queue=_("ends: its incidents return to the queue, and its results are refused"),
        field="by",
        rows=Batch.objects.open,
        holders=User.objects.analysts,
        move=lambda row, holder, to, by, now: return_batch_of_absent(row, by=by, now=now),
    ),
    HeldKind(
        name="follow_ups",
        label=_("Incidents to follow up"),
        queue=_("to all analysts of their portals"),
        field="owner",
        rows=NextStep.objects.all,
        holders=User.objects.analysts,
        move=lambda row, holder, to, by, now: pass_on_step(row, holder, to=to, by=by, now=now),
        can_be_handed=True,
    ),
    HeldKind(
        name="samples",
        label=_("Samples of similar reports, with requests to close them"),
        queue=_("ends: the reports stay in the queue"),
        field="by",
        rows=FloodSample.objects.unfinished,
        holders=User.objects.analysts,
        move=lambda row, holder, to, by, now: end_sample(row, by=by, now=now),
    ),
    HeldKind(
        name="approvals",
        label=_("Approval requests that wait"),
        queue=_("end without effect: a colleague makes them again"),
        field="requested_by",
        rows=ApprovalRequest.objects.waiting,
        holders=_active_accounts,
        move=_end_approval,
    ),
)


@transaction.atomic
def switch_off(*, by: User, user: User, to: Mapping[str, User] | None = None, now: datetime | None = None) -> User:
    """Switch the account off and move all that it holds: to colleagues (`to`, by name of kind), or to its queue.

    Rows that the colleague may not have go to their queue too. Raises Denied, Late if it is off.
    """
    now = now or timezone.now()
    check_is_administrator(by)
    user = User.objects.select_for_update(no_key=True).get(pk=user.pk)
    if user.pk == by.pk:
        raise Denied(_("Another administrator switches your account off."))
    if not user.is_active:
        raise Late(_("This account is switched off already."))
    user.is_active, user.unchanged_since = False, now
    user.save(update_fields=["is_active", "unchanged_since"])
    sessions.end_all(user)
    return_work(user, by=by, to=to, now=now)
    note_coverage(now=now)
    changes: dict[str, JSON] = {"is_active": {"before": True, "after": False}}
    details: dict[str, JSON] = {"role": user.role, "changes": changes}
    record_event(by=by, action="user.change", on=user, details=details, at=now)
    return user


@transaction.atomic
def return_work(user: User, *, by: User | None, to: Mapping[str, User] | None = None, now: datetime) -> int:
    """Move the work that the account may not hold; returns the number of rows. `to`: as for `switch_off`."""
    total = 0
    for kind in HELD:
        if kind.holders().filter(pk=user.pk).exists():
            continue
        colleague = (to or {}).get(kind.name) if kind.can_be_handed else None
        to_colleague = to_queue = 0
        for row in kind.held_by(user).order_by("pk")[:MOST_MOVED]:
            if colleague and _hand_row(kind, row, user, colleague, by, now):
                to_colleague += 1
            else:
                to_queue += kind.move(row, user, None, by, now)
        _record_move(user, kind, to_colleague, colleague, by, now)
        _record_move(user, kind, to_queue, None, by, now)
        total += to_colleague + to_queue
    return total


def _hand_row(kind: HeldKind, row: Any, holder: User, to: User, by: User | None, now: datetime) -> bool:
    try:
        return kind.move(row, holder, to, by, now)
    except Denied:
        return False


def _record_move(user: User, kind: HeldKind, count: int, to: User | None, by: User | None, now: datetime) -> None:
    if not count:
        return
    details: dict[str, JSON] = {"kind": kind.name, "count": count}
    details |= {"to": AccountId(to.pk)} if to else {}
    record_event(by=by, action="user.hand_over", on=user, details=details, at=now)


def return_stranded_work(*, now: datetime | None = None) -> int:
    """Return the work of accounts that may not hold it to its queues; returns the number of rows.

    The worker runs it every minute: an account may also lose its role or be changed outside the pages.
    """
    now = now or timezone.now()
    holders = {pk for kind in HELD for pk in kind.stranded().values_list(kind.field, flat=True)[:MOST_MOVED]}
    return sum(return_work(user, by=None, now=now) for user in User.objects.filter(pk__in=holders).order_by("pk"))
