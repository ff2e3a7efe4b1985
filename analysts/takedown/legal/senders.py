"""The status of a trusted flagger under which a notice is sent: to platforms only, and only while it is in force."""

import uuid
from datetime import date, datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from analysts.models import Notice, NoticeState, RecipientKind, SenderIdentity, User
from analysts.takedown.legal.permissions import check_can_write_law
from analysts.takedown.legal.texts import read_shipped
from audit.actions import record_event
from audit.changes import describe_changes
from audit.permissions import Late
from countries.languages import nearest_text


def flagging_sender(notice: Notice) -> SenderIdentity | None:
    """The legal entity whose status the notice claims; None if it claims none.

    A letter that was sent stays as it was. Before that: the entity that signs for all portals of its addresses and has
    the status today. A further attempt repeats its claim while that status is in force, and adds none.
    """
    if notice.state == NoticeState.SENT:
        return notice.sender
    if notice.recipient.kind != RecipientKind.PLATFORM:
        return None
    rows = notice.items.filter(dropped="").values_list("incident__portals", flat=True)
    portals = {pk for ids in rows for pk in ids}
    today = timezone.now().date()
    flagging = [sender for sender in current_senders() if can_flag(sender, portals, today)]
    if notice.template_id is None:
        return next(iter(flagging), None)
    return notice.sender if notice.sender and notice.sender.name in {sender.name for sender in flagging} else None


def can_flag(sender: SenderIdentity, portals: set[int], day: date) -> bool:
    return sender.has_status_on(day) and (not sender.portals or portals <= set(sender.portals))


def current_senders() -> list[SenderIdentity]:
    """The latest version of each, by name."""
    return list(SenderIdentity.objects.order_by("name", "-version").distinct("name"))


def describe_status(sender: SenderIdentity, language: str) -> str:
    """The sentence that claims the status in a letter."""
    status: dict[str, str] = read_shipped()["status"]
    return nearest_text(status, language, "").format(
        name=sender.name,
        coordinator=sender.coordinator,
        country=sender.country,
        list_id=sender.list_id,
        area=sender.area,
        awarded_on=sender.awarded_on,
    )


def is_superseded(sender: SenderIdentity) -> bool:
    return SenderIdentity.objects.filter(name=sender.name, version__gt=sender.version).exists()


@transaction.atomic
def write_sender(*, by: User, sender: SenderIdentity, now: datetime | None = None) -> None:
    """Save an unsaved sender, or a changed one as a new version.

    Raises:
        Late: it has a later version.
    """
    check_can_write_law(by)
    now = now or timezone.now()
    before = SenderIdentity.objects.select_for_update().filter(pk=sender.pk).first()
    if before is not None:
        if is_superseded(before):
            raise Late(_("This sender has a later version. Change that one."))
        sender.pk, sender.version = uuid.uuid4(), before.version + 1
    sender.by, sender.at = by, now
    sender.save(force_insert=True)
    changes = describe_changes(_recorded_values(before) if before else {}, _recorded_values(sender))
    record_event(by=by, action="sender.write", on=sender, details={"changes": changes}, at=now)


def _recorded_values(sender: SenderIdentity) -> dict[str, object]:
    names = {field.name for field in SenderIdentity._meta.fields} - {"id", "version", "by", "at"}
    return {name: getattr(sender, name) for name in names}
