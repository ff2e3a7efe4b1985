"""Verbs on the law that letters cite, and on the legal entities that send them."""

from datetime import timedelta

from analysts.models import LegalText, LegalTextKind, SenderIdentity, User
from analysts.takedown.legal import senders, texts
from tests.life.rows import OPERATORS, Arguments, Chance, VerbRow
from tests.life.world import World


def _a_legal_text(world: World, _by: User, chance: Chance) -> Arguments:
    """A new one, or a change of one; checked or not."""
    new = LegalText(kind=chance.choose([*LegalTextKind]), name=f"Act {chance.choose(range(9))}")
    text = LegalText.objects.filter(name=new.name).first() or new
    text.texts, text.source = f"en: the Act of {chance.choose(range(1950, 2026))}", "Law gazette"
    is_checked = chance.is_one_of(2)
    if is_checked:
        text.checked_by, text.checked_on = "our lawyer", world.now.date()
    return {"text": text, "is_checked": is_checked}


def _a_sender(world: World, _by: User, chance: Chance) -> Arguments:
    """A new one, or a version of one; a trusted flagger, one that is suspended, or neither."""
    sender = chance.row(SenderIdentity.objects.all()) or SenderIdentity(name="Example Hotline", country="IE")
    day = world.now.date()
    if chance.is_one_of(2):
        sender.coordinator, sender.list_id, sender.area = "Example Coordinator", "TF-1", "Protection of minors"
        sender.awarded_on = sender.valid_from = day - timedelta(days=30)
    sender.suspended_from = day if chance.is_one_of(4) else None
    return {"sender": sender}


ROWS: tuple[VerbRow, ...] = (
    VerbRow(texts.write_text, _a_legal_text, OPERATORS, often=1),
    VerbRow(senders.write_sender, _a_sender, OPERATORS, often=1),
)
