"""The incident page's section on who was told, who will be, and what became of it."""

from dataclasses import dataclass
from datetime import datetime

from analysts.forms import Act
from analysts.harmless import harmless
from analysts.models import Incident, NoticeItem, Purpose, Referral, User
from analysts.notices.standing import Standing, drop_words, standing
from analysts.views.parts import Part

# More notices about one incident nobody reads.
MOST_LISTED = 50


@dataclass(frozen=True, slots=True)
class Told:
    """A notice that names the incident. `left_out`: why it left without it; "" where it did not."""

    item: NoticeItem
    addressee: str
    purpose: str
    standing: Standing
    left_out: str


@dataclass(frozen=True, slots=True)
class Waiting:
    """Somebody who is to be told, and of whom nothing gathers yet: not verified, or not before a set time."""

    addressee: str
    not_before: datetime | None


@dataclass(frozen=True, slots=True)
class Notices:
    told: list[Told]
    waiting: list[Waiting]


def notices(incident: Incident, user: User, bound: dict[str, Act], now: datetime) -> Part | None:
    """The section; None before anybody is to be told. Two queries."""
    items = incident.notice_items.select_related("notice__addressee").order_by("-notice__made_at", "pk")
    told_of = [told(item, now) for item in items[:MOST_LISTED]]
    waits = [waiting(referral, now) for referral in untold(incident)]
    if not told_of and not waits:
        return None
    return Part("analysts/notices_of_incident.html", Notices(told_of, waits))


def told(item: NoticeItem, now: datetime) -> Told:
    notice = item.notice
    return Told(
        item=item,
        addressee=harmless(notice.addressee.name),
        purpose=str(Purpose(notice.purpose).label),
        standing=standing(notice, now),
        left_out=drop_words(item.dropped),
    )


def untold(incident: Incident) -> list[Referral]:
    """To be told, and of no notice yet."""
    referrals = incident.referrals.filter(to__isnull=False, ended_at=None, noticed_at=None, items=None)
    return list(referrals.select_related("to").order_by("at", "pk"))


def waiting(referral: Referral, now: datetime) -> Waiting:
    later = referral.not_before if referral.not_before and referral.not_before > now else None
    return Waiting(harmless(referral.addressee), later)
