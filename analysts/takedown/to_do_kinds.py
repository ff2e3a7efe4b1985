"""Kinds of to-do: one row with everything about each. Each room defines its own, and `chasing` lists them all.

A to-do is due either by the chase's own row (`since`) or by other rows that refer to its incident (`waiting`).
"""

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import Model, Q, QuerySet
from django.utils.functional import Promise

from analysts.codes import RevealReason
from analysts.incidents.display.display_safe import defang_text
from analysts.incidents.few_open import AnyOfIds
from analysts.incidents.table import MOST_COUNTED
from analysts.models import Chase, ChaseQuerySet, NextStep, Recipient, User
from countries.languages import country_in_words


@dataclass(frozen=True, slots=True)
class ToDoLine:
    """One to-do about an incident, or about a notice that may cover several incidents. Never holds an address."""

    incident: uuid.UUID
    name: str
    # The hosting, or the recipient of the notice; "" where unknown.
    place: str
    # None: due from now.
    since: datetime | None
    # "" where the kind's own reason suffices.
    why: str = ""
    # The notice, if the line is about one.
    notice: uuid.UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ToDoKind[Row: Model]:
    """One kind of to-do."""

    # Used in the list's URL and in the audit log.
    name: str
    # The action, as a verb.
    label: Promise
    # The reason, understandable without having seen the incident.
    why: Promise
    # The id of the incident page's section where the action is, or of its form.
    section: str
    # Due rows of open chases that the user may see, in index order.
    due: Callable[[User, datetime], QuerySet[Row]]
    # The same rows with the relations that a line needs.
    with_related: Callable[[QuerySet[Row], User], QuerySet[Row]]
    line: Callable[[Row, datetime], ToDoLine]
    # The lookup that selects the rows about an incident.
    about: str = "incident"
    # Narrows the rows at the end of a relation of `about`.
    about_when: Q = field(default_factory=Q)
    # Marked in the list of kinds: a child may be in danger, or a person waits for what went wrong.
    is_urgent: bool = False
    # Of a kind that is seldom due: a table and condition, those of an index, without whose rows it is due for no user.
    needs: str = ""
    # Whether `section` is a form, which is not folded in.
    is_form: bool = False
    # Whether each row is about an incident with an open takedown or a next step.
    is_open: bool = False
    # When it became or will become due by the chase's row; None where it is not due.
    since: Callable[[Chase], datetime | None] | None = None
    # The times since which an incident's other rows have waited, earliest first.
    waiting: Callable[[uuid.UUID], QuerySet[Model, object]] | None = None
    # The field of `Attached` without which there are no such rows.
    attached: str = ""
    # The reason with the elapsed time; "" where `why` suffices.
    explain: Callable[[Chase, datetime], str] | None = None
    # Why its incident is revealed: chosen already in the form that asks a person without the claim.
    reveal_reason: RevealReason | None = None

    @property
    def target(self) -> str:
        """The id on the incident page that its links lead to."""
        return self.section if self.is_form else f"{self.section}-body"

    def begins_with(self, few_ids: Sequence[uuid.UUID] | None) -> bool:
        """Whether the rows are found by the incidents `few_ids`, those of `find_few_takedowns`."""
        return self.is_open and few_ids is not None

    def due_among(self, few_ids: Sequence[uuid.UUID] | None, user: User, now: datetime) -> QuerySet[Row]:
        """The due rows, found by the incidents `few_ids` if all of them are about these."""
        rows = self.due(user, now)
        return rows if few_ids is None or not self.is_open else rows.filter(**{self.about: AnyOfIds(few_ids)})

    def due_of(self, owned: Sequence[uuid.UUID], user: User, now: datetime) -> QuerySet[Row]:
        """The due rows about the incidents `owned`."""
        rows = self.due(user, now)
        of_theirs = rows.model._default_manager.filter(self.about_when, **{self.about: AnyOfIds(owned)})
        return rows.filter(pk__in=of_theirs.values("pk"))

    def rows(
        self, user: User, now: datetime, few_ids: Sequence[uuid.UUID] | None, owned: Sequence[uuid.UUID] | None = None
    ) -> QuerySet[Row]:
        """The due rows, of the incidents `owned` if these are given, with the relations that a line needs."""
        due = self.due_among(few_ids, user, now) if owned is None else self.due_of(owned, user, now)
        return self.with_related(due, user)


def owned_ids(user: User) -> list[uuid.UUID]:
    """The first MOST_COUNTED incidents that `user` follows up."""
    owned = NextStep.objects.filter(owner=user).order_by("pk").values_list("pk", flat=True)
    return list(owned[:MOST_COUNTED])


def chase_to_do(
    *,
    name: str,
    label: Promise,
    why: Promise,
    section: str,
    due: Callable[[ChaseQuerySet, datetime], QuerySet[Chase]],
    since: Callable[[Chase], datetime | None],
    explain: Callable[[Chase, datetime], str] | None = None,
) -> ToDoKind[Chase]:
    """Define a kind that is due by the chase's own row. `due` filters the chases that a user may see."""

    def line(chase: Chase, now: datetime) -> ToDoLine:
        return line_of_chase(chase, since(chase), explain(chase, now) if explain else "")

    return ToDoKind(
        name=name,
        label=label,
        why=why,
        section=section,
        due=lambda user, now: due(Chase.objects.visible_to(user), now),
        is_open=True,
        with_related=with_provider,
        line=line,
        since=since,
        explain=explain,
    )


def with_provider(chases: QuerySet[Chase], user: User) -> QuerySet[Chase]:
    return chases.select_related("provider")


def line_of_chase(chase: Chase, since: datetime | None, why: str = "") -> ToDoLine:
    return ToDoLine(chase.incident_id, incident_number(chase.incident_id), place_of(chase), since, why)


def incident_number(incident_id: uuid.UUID) -> str:
    """The incident number, as `str(incident)` gives it."""
    return str(incident_id)[:8]


def place_of(chase: Chase) -> str:
    if chase.provider is None:
        return ""
    return f"{recipient_name(chase.provider)}, {country_in_words(chase.country)}"


def recipient_name(recipient: Recipient) -> str:
    return defang_text(recipient.name)
