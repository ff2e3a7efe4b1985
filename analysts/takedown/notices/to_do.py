"""The notice-related kinds of the to-do list."""

import uuid
from datetime import datetime

from django.db.models import Exists, Model, OuterRef, QuerySet, Subquery
from django.utils.translation import gettext_lazy as _

from analysts.models import Chase, DropReason, Notice, NoticeItem, NoticeState, Reply, User
from analysts.models.notice import TO_USABLE
from analysts.models.reply import is_answered
from analysts.takedown.to_do_kinds import ToDoKind, ToDoLine, line_of_chase, recipient_name, with_provider


def items_to_confirm() -> QuerySet[NoticeItem]:
    """Items left out of a notice because the redaction of the address was, and still is, unconfirmed."""
    left_out = NoticeItem.objects.filter(dropped=DropReason.UNCONFIRMED, referral__ended_at=None)
    return left_out.filter(incident__redaction=None)


def outgoing_due(user: User, now: datetime) -> QuerySet[Chase]:
    chases = Chase.objects.visible_to(user)
    return chases.open().filter(incident__in=items_to_confirm().values("incident")).order_by("since", "pk")


UNCONFIRMED_REDACTION = ToDoKind(
    name="redaction",
    label=_("Redact before sending"),
    why=_("The address may identify a person. Nothing is sent until an analyst confirms the redaction."),
    section="redaction",
    needs="analysts_noticeitem WHERE dropped = 'unconfirmed'",
    due=outgoing_due,
    is_open=True,
    with_related=with_provider,
    line=lambda chase, now: line_of_chase(chase, since=None),
    attached="left_out",
    waiting=lambda incident: (
        items_to_confirm().filter(incident=incident).order_by("notice__scheduled_at").values("notice__scheduled_at")
    ),
)


def items_seen(notice: str, user: User) -> QuerySet[NoticeItem]:
    """The items of a notice that are not left out and whose incident `user` may see."""
    return NoticeItem.objects.filter(notice=OuterRef(notice), dropped="", incident__portals__overlap=user.portal_array)


def of_notices[Row: Model](rows: QuerySet[Row], notice: str, user: User) -> QuerySet[Row]:
    """The rows of `rows` whose notice has at least one item from `items_seen`."""
    return rows.filter(Exists(items_seen(notice, user)))


def first_incident(notice: str, user: User) -> Subquery:
    """The first incident of the notice that `user` may see, annotated as `shown_incident`."""
    return Subquery(items_seen(notice, user).order_by("pk").values("incident")[:1])


def with_notice(replies: QuerySet[Reply], user: User) -> QuerySet[Reply]:
    """The replies with the first incident that each is about and that `user` may see, as `shown_incident`."""
    first = Subquery(seen_of_reply(user).order_by("notice__items").values("notice__items__incident")[:1])
    return replies.annotate(shown_incident=first).select_related("notice__recipient")


def seen_of_reply(user: User) -> QuerySet[Reply]:
    """The reply of the outer query, once for each incident that it is about and that `user` may see."""
    portals = {"notice__items__incident__portals__overlap": user.portal_array}
    return Reply.objects.filter(is_answered("notice__items"), pk=OuterRef("pk"), **portals)


def unread_among(replies: QuerySet[Reply], user: User) -> QuerySet[Reply]:
    unread = replies.filter(Exists(seen_of_reply(user)), read_at=None)
    return unread.order_by("received_at", "pk")


def next_unread(user: User, *, most: int) -> QuerySet[Reply]:
    """The longest waiting unread replies that the user may read, as the to-do line needs them."""
    return with_notice(unread_among(Reply.objects.readable_by(user), user), user)[:most]


def reply_waiting(incident: uuid.UUID) -> QuerySet[Model, object]:
    return Reply.objects.about(incident).filter(read_at=None).values("received_at")


def line_of_reply(reply: Reply, now: datetime) -> ToDoLine:
    incident = reply.shown_incident  # type: ignore[attr-defined] # annotated
    place = recipient_name(reply.notice.recipient)
    return ToDoLine(
        incident,
        reply.notice.reference,
        place,
        reply.received_at,
        reply.get_kind_display(),
        notice=reply.notice_id,
    )


REPLY = ToDoKind(
    name="reply",
    label=_("Read a reply"),
    why=_("A recipient has replied, and the reply is unread."),
    section="replies",
    about="notice__items__incident",
    about_when=is_answered("notice__items"),
    needs="analysts_reply WHERE read_at IS NULL",
    due=lambda user, now: unread_among(Reply.objects.all(), user),
    with_related=with_notice,
    line=line_of_reply,
    attached="unread_replies",
    waiting=reply_waiting,
)


def with_recipient(notices: QuerySet[Notice], user: User) -> QuerySet[Notice]:
    return notices.annotate(shown_incident=first_incident("pk", user)).select_related("recipient")


def line_of_notice(notice: Notice, now: datetime) -> ToDoLine:
    incident = notice.shown_incident  # type: ignore[attr-defined] # annotated
    place, since = recipient_name(notice.recipient), notice.tried_at or notice.scheduled_at
    return ToDoLine(incident, notice.reference, place, since, notice.get_dead_reason_display(), notice=notice.pk)


def items_about(incident: uuid.UUID) -> dict[str, uuid.UUID | str]:
    return {"items__incident": incident, "items__dropped": ""}


BY_HAND = ToDoKind(
    name="by_hand",
    label=_("Send a notice by hand"),
    why=_("This recipient is not notified by e-mail. Send the notice and record it as sent."),
    section="notices",
    about="items__incident",
    needs="analysts_notice WHERE state = 'ready' AND next_try_at IS NULL",
    due=lambda user, now: of_notices(Notice.objects.by_hand(), "pk", user).order_by("scheduled_at", "pk"),
    with_related=with_recipient,
    line=line_of_notice,
    attached="unsent_notices",
    waiting=lambda incident: (
        Notice.objects.by_hand().filter(**items_about(incident)).order_by("scheduled_at").values("scheduled_at")
    ),
)


def waiting_corrections() -> QuerySet[Notice]:
    """Letters whose recipient cannot be sent anything now, and that no open referral brings to a list: corrections,
    alerts, and the outcome of an appeal."""
    open_referral = {"referral__isnull": False, "referral__ended_at": None}
    referred = NoticeItem.objects.filter(notice=OuterRef("pk"), dropped="", **open_referral)
    waiting = Notice.objects.to_leave().exclude(TO_USABLE)
    return waiting.filter(~Exists(referred)).order_by("scheduled_at", "pk")


CORRECTION = ToDoKind(
    name="correction",
    label=_("Have the recipient of a letter verified"),
    why=_("The recipient is not verified, or no longer used. The letter waits until it is verified."),
    section="notices",
    about="items__incident",
    needs="analysts_notice WHERE state IN ('gathering', 'ready')",
    due=lambda user, now: of_notices(waiting_corrections(), "pk", user),
    with_related=with_recipient,
    line=line_of_notice,
    attached="unsent_notices",
    waiting=lambda incident: waiting_corrections().filter(**items_about(incident)).values("scheduled_at"),
)


def dead_notices() -> QuerySet[Notice]:
    return Notice.objects.filter(state=NoticeState.DEAD).order_by("tried_at", "pk")


DEAD = ToDoKind(
    name="dead",
    label=_("Decide about a failed notice"),
    why=_("The notice could not be sent, so the recipient has not been notified."),
    section="notices",
    is_urgent=True,
    about="items__incident",
    needs="analysts_notice WHERE state = 'dead'",
    due=lambda user, now: of_notices(dead_notices(), "pk", user),
    with_related=with_recipient,
    line=line_of_notice,
    attached="unsent_notices",
    waiting=lambda incident: dead_notices().filter(**items_about(incident)).values("tried_at"),
)
