"""Addresses of related incidents, shown beside a revealed incident: which ones may be, and how they differ from it.

Showing one reveals it, so each is on record as revealed (`welfare.viewing.record_related`); `SharedReveal` says which
are.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from analysts.incidents import contents
from analysts.incidents.differences import MarkedPart, mark_difference
from analysts.incidents.table import mask_address
from analysts.incidents.visible_text import text_parts
from analysts.models import Incident
from analysts.welfare.masked_words import Blanks
from reports.addresses import defang_address

# Beyond this number they stay masked: a page is read, not searched.
MOST_LEGIBLE = 20


@dataclass(slots=True, repr=False)
class SharedReveal:
    """What one revealed incident lets its page show of others.

    `own`: its defanged address. `allowed`: the ids of those already on record. `may_add`: whether others may be
    revealed now. `avoided`: content warnings that the user avoids today. `added`: those that were revealed now.
    """

    own: str
    blanks: Blanks
    allowed: frozenset[str]
    may_add: bool
    avoided: frozenset[str] = frozenset()
    added: list[Incident] = field(default_factory=list)
    number: int = 0

    def parts_of(self, other: Incident) -> list[MarkedPart]:
        """The address with its difference marked; empty if it stays masked."""
        is_new = str(other.pk) not in self.allowed and other not in self.added
        if is_new and (not self.may_add or self.number >= MOST_LEGIBLE or not self.avoided.isdisjoint(other.notices)):
            return []
        opened = contents.unseal_address(other)
        if opened is None:
            return []
        self.number += 1
        if is_new:
            self.added.append(other)
        return mark_difference(self.blanks.parts(text_parts(defang_address(opened.normalised))), self.own)


def address_in_words(other: Incident, parts: Iterable[MarkedPart]) -> str:
    """The address as text, for a label: as shown, or masked."""
    return "".join(each.part.shown for each in parts) or mask_address(other)
