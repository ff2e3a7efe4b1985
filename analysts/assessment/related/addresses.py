"""Addresses of related incidents, shown beside a revealed incident: which ones may be, and how they differ from it.

Showing one reveals it, so each is on record as revealed (`welfare.viewing.record_related`); `SharedReveal` says which
are.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache

from analysts.accounts.recent_sign_in import MINUTES, is_recent
from analysts.accounts.staff_request import StaffRequest
from analysts.codes import Role
from analysts.incidents import contents
from analysts.incidents.display.differences import MarkedPart, mark_difference
from analysts.incidents.display.visible_text import text_parts
from analysts.incidents.table import mask_address
from analysts.models import Incident
from analysts.welfare import exposure, masking, viewing
from analysts.welfare.masked_words import Blanks
from reports.addresses import defang_address

# Beyond this number they stay masked: a page is read, not searched.
MOST_LEGIBLE = 20


@dataclass(frozen=True, slots=True, repr=False)
class ComparedAddress:
    """The address of an incident beside others. `parts`: with its difference marked; empty if it stays masked."""

    incident: Incident
    parts: Sequence[MarkedPart]

    @property
    def masked(self) -> str:
        return mask_address(self.incident)


@dataclass(slots=True, repr=False)
class SharedReveal:
    """The related addresses that the page of one revealed incident may show.

    `address`: its defanged address. `allowed`: the ids of those already on record. `is_asked`: whether the person asked
    for them. `may_add`: whether others may be revealed now. `avoided`: content warnings that the user avoids today.
    `added`: those that were revealed now.
    """

    address: str
    blanks: Blanks
    allowed: frozenset[str]
    is_asked: bool
    may_add: bool
    avoided: Callable[[], frozenset[str]] = frozenset
    added: list[Incident] = field(default_factory=list)
    # The length of their addresses.
    characters: int = 0
    number: int = 0

    def parts_of(self, other: Incident) -> list[MarkedPart]:
        """The address with its difference marked; empty if it stays masked."""
        is_new = str(other.pk) not in self.allowed and other not in self.added
        if is_new and (not self.is_asked or not self.may_add or self.number >= MOST_LEGIBLE):
            return []
        if is_new and other.notices and not self.avoided().isdisjoint(other.notices):
            return []
        opened = contents.reveal_address(other)
        if opened is None:
            return []
        self.number += 1
        if is_new:
            self.added.append(other)
            self.characters += len(opened.normalised)
        return mark_difference(self.blanks.parts(text_parts(defang_address(opened.normalised))), self.address)


def share_reveal(
    request: StaffRequest,
    incident: Incident,
    *,
    blanks: Blanks,
    related: frozenset[str],
    is_asked: bool,
    now: datetime,
) -> SharedReveal:
    """Related addresses that the page of the incident may show. `related`: the ids of those already on record.

    Senior analysts can reveal incidents of others: an unattended session must not be enough (`reveal_view`).
    """
    opened = contents.reveal_address(incident)
    return SharedReveal(
        address=defang_address(opened.normalised) if opened else "",
        blanks=blanks,
        allowed=related,
        is_asked=is_asked,
        may_add=request.user.role != Role.SENIOR or is_recent(request, MINUTES),
        avoided=cache(lambda: exposure.warnings_to_avoid(request.user, now=now)),
    )


def record_shared(request: StaffRequest, incident: Incident, shared: SharedReveal, now: datetime) -> None:
    """Record the addresses that are revealed now. Call it before the page is shown."""
    if shared.added:
        viewing.record_related(
            by=request.user, incident=incident, others=shared.added, characters=shared.characters, now=now
        )
        masking.add_related(request, incident, shared.added)
