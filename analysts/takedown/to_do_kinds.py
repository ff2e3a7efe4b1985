"""What waits for people: the row that says all about one kind of to-do. Each room offers its own, `chasing` lists them.

A kind is due either by the chase's own row (`since`), or by other rows that wait beside it (`waiting`).
"""

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Model, QuerySet
from django.utils.functional import Promise

from analysts.incidents.display_safe import defang_text
from analysts.models import Chase, ChaseQuerySet, Recipient, User
from countries.languages import country_in_words


@dataclass(frozen=True, slots=True)
class ToDoLine:
    """One thing that is due: of an incident, or of a letter that may be about many. No address."""

    incident: uuid.UUID
    name: str
    # Where it is hosted, or to whom it is; "" where that is not known.
    place: str
    # None where it is due as of now.
    since: datetime | None
    # "" where the reason of its kind says it all.
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ToDoKind[Row: Model]:
    """One kind of to-do."""

    # In the address of the list and in the audit log.
    name: str
    # What a person has to do.
    label: Promise
    # The reason, for a reader who has not seen the incident today.
    why: Promise
    # The id of the part of the incident page where it is done.
    section: str
    # What is due and the user may see, in the order of an index, of incidents whose chase is open.
    due: Callable[[User, datetime], QuerySet[Row]]
    # The same with what a line shows of each.
    shown: Callable[[QuerySet[Row], User], QuerySet[Row]]
    line: Callable[[Row, datetime], ToDoLine]
    # Since when it is due by the chase's row, or from when on it will be; None where it is not.
    since: Callable[[Chase], datetime | None] | None = None
    # The moments since when rows beside the chase wait about one incident, the first one first.
    waiting: Callable[[uuid.UUID], QuerySet[Any, Any]] | None = None
    # The reason with how long it has been, where that tells more than `why`.
    explain: Callable[[Chase, datetime], str] | None = None


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
    """A kind that is due by the chase's own row. `due`: of the chases that a user may see, those of this kind."""

    def line(chase: Chase, now: datetime) -> ToDoLine:
        return line_of_chase(chase, since(chase), explain(chase, now) if explain else "")

    return ToDoKind(
        name=name,
        label=label,
        why=why,
        section=section,
        due=lambda user, now: due(Chase.objects.visible_to(user), now),
        shown=with_provider,
        line=line,
        since=since,
        explain=explain,
    )


def with_provider(chases: QuerySet[Chase], user: User) -> QuerySet[Chase]:
    return chases.select_related("provider")


def line_of_chase(chase: Chase, since: datetime | None, why: str = "") -> ToDoLine:
    return ToDoLine(chase.incident_id, incident_number(chase.incident_id), place_of(chase), since, why)


def incident_number(incident_id: uuid.UUID) -> str:
    """As an incident names itself."""
    return str(incident_id)[:8]


def place_of(chase: Chase) -> str:
    if chase.provider is None:
        return ""
    return f"{recipient_name(chase.provider)}, {country_in_words(chase.country)}"


def recipient_name(recipient: Recipient) -> str:
    return defang_text(recipient.name)
