"""The incident page's section on replies from recipients and the next step for each."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import partial
from uuid import UUID

from django.db.models import Exists, OuterRef
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from analysts.codes.answer_kinds import ANSWER_KINDS, CALL_SENTENCE, AnswerKindRow, step_after
from analysts.codes.complaints import complaint_until
from analysts.codes.recipient_actions import GROUNDS, RECIPIENT_ACTIONS
from analysts.incidents import contents
from analysts.incidents.display.display_safe import defang_text
from analysts.incidents.display.visible_text import Legible, make_legible
from analysts.incidents.page_kit import ActionButton, ActionForm, PageSection, SectionHeading
from analysts.incidents.page_urls import incident_url
from analysts.models import Incident, NextStepKind, Notice, Reply, User
from analysts.takedown.notices.permissions import (
    check_can_answer,
    check_can_call_back,
    check_can_read_replies,
    readers_of,
)
from analysts.takedown.notices.replies.section_forms import AnswerReply, CallBack, ReadReplies
from analysts.welfare.masked_words import Blanks
from audit.permissions import why_not
from reports import keys, sealing
from reports.letter_numbers import write_numbers
from reports.models import the_minute
from reports.notices import AnswerKind

READ, ANSWER, CALL = "read_replies", "answer_reply", "call_back"
# Caps the section at the latest replies; a recipient does not send more in practice.
MOST_LISTED = 20


@dataclass(frozen=True, slots=True, repr=False)
class ReplyRow:
    """A reply in the section. `words` are included only while the incident is revealed.

    `readers`: the portals that a reader has to work for; "" if the user may read the reply. Otherwise the user sees
    only that it exists and its kind, because its text may be about incidents of other portals.
    """

    reply: Reply
    readers: str = ""
    next_step: str = ""
    # The id of the page section for the next step; "" if there is none.
    section: str = ""
    has_words: bool = False
    words: Legible | None = None
    unreadable: bool = False
    erased_on: date | None = None
    # Until when a complaint about its decision is possible.
    complaint_until: datetime | None = None

    @property
    def recipient(self) -> str:
        return defang_text(self.reply.notice.recipient.name)

    @property
    def kind_label(self) -> str:
        return str(self.kind_row.label)

    @property
    def kind_row(self) -> AnswerKindRow:
        return ANSWER_KINDS[AnswerKind(self.reply.kind)]

    @property
    def numbers(self) -> str:
        """The numbers of the addresses that it is about; "" for all of the notice."""
        return write_numbers(self.reply.numbers)

    @property
    def decided(self) -> str:
        return decision_in_words(self.reply)

    @property
    def confirmed(self) -> str:
        """How it is known that an answer of the police is theirs; "" for other replies."""
        if self.reply.is_to_call:
            return _("A claim: it counts once you have called them.")
        return self.reply.get_confirmation_display() if self.reply.confirmation else ""

    @property
    def link_read_on(self) -> date | None:
        """The day on which staff saw the link that it came through; None if they did not, or entered it."""
        shown_at = self.reply.notice.link_read_at
        if self.reply.entered_by_id or shown_at is None or self.reply.received_at < the_minute(shown_at):
            return None
        return shown_at.date()

    @property
    def is_unread(self) -> bool:
        return self.reply.read_at is None

    @property
    def is_shown(self) -> bool:
        """Whether the whole reply is visible on the page."""
        return not self.readers and (self.words is not None or not self.has_words)


@dataclass(frozen=True, slots=True)
class Replies:
    """`answer`: the letter back to the first who still needs more information; `asking`: that reply.

    `call`: the call to the first police to be called; `calling`: their reply.
    """

    rows: list[ReplyRow]
    calling: ReplyRow | None
    call: ActionButton | None
    asking: Reply | None
    answer: ActionButton | None
    # Marks the replies in `read`: those whose text is shown or that have none.
    button: ActionButton
    read: Sequence[Reply]

    @property
    def latest(self) -> list[ReplyRow]:
        """The replies in view: the unread ones, and the latest."""
        return [reply for number, reply in enumerate(self.rows) if reply.is_unread or number == 0]

    @property
    def earlier(self) -> list[ReplyRow]:
        return [reply for number, reply in enumerate(self.rows) if not reply.is_unread and number]

    @property
    def is_masked(self) -> bool:
        return any(not reply.is_shown and not reply.readers for reply in self.rows)


def show_replies(
    incident: Incident, user: User, bound: dict[str, ActionForm], blanks: Blanks, *, revealed: bool
) -> SectionHeading | None:
    """The section; None if there are no replies. While the incident is revealed it shows their text."""
    latest = _latest_replies(incident, user)
    if not latest:
        return None
    unread = sum(reply.read_at is None for reply in latest)
    badge = ngettext("%(number)s unread", "%(number)s unread", unread) % {"number": unread} if unread else ""
    row = ReplyRow(latest[0])
    return SectionHeading(
        outcome=format_html("{}, <bdi>{}</bdi>", row.kind_label, row.recipient),
        build=partial(build_replies, incident, user, bound, blanks, latest, revealed=revealed),
        is_open=unread > 0 or not {READ, ANSWER, CALL}.isdisjoint(bound),
        is_built=revealed,
        badge=badge,
        keys="b" if unread else "",
    )


def build_replies(
    incident: Incident,
    user: User,
    bound: dict[str, ActionForm],
    blanks: Blanks,
    latest: Sequence[Reply],
    *,
    revealed: bool,
) -> PageSection:
    readable = {reply for reply in latest if reply.is_readable}  # type: ignore[attr-defined] # annotated
    readers = readers_of({reply.notice_id for reply in latest if reply not in readable})
    rows = [
        reply_row(reply, blanks, revealed=revealed) if reply in readable else ReplyRow(reply, readers[reply.notice_id])
        for reply in latest
    ]
    complaints = find_complaints(latest, now=timezone.now())
    rows = [replace(row, complaint_until=complaints.get(row.reply.pk)) for row in rows]
    asking = next((reply for reply in reversed(latest) if reply in readable and reply.is_unanswered), None)  # type: ignore[attr-defined] # annotated
    calling = next((reply for reply in reversed(latest) if reply in readable and reply.is_to_call), None)
    replies = Replies(
        rows=rows,
        calling=ReplyRow(calling) if calling else None,
        call=_call_button(calling, incident, user, bound) if calling else None,
        asking=asking,
        answer=_answer_button(asking, incident, user, bound) if asking else None,
        button=ActionButton(
            name=READ,
            label=_("Mark as read") if all(row.is_shown for row in rows) else _("Mark those shown as read"),
            url=incident_url(incident.pk, "admin:read_replies"),
            form=bound.get(READ) or ReadReplies(incident=incident, auto_id=f"{READ}_%s"),
            why_not=why_not(check_can_read_replies, user, incident),
        ),
        read=[row.reply for row in rows if row.is_unread and row.is_shown],
    )
    return PageSection("analysts/takedown/notices/_replies.html", replies)


def find_complaints(replies: Sequence[Reply], *, now: datetime) -> dict[UUID, datetime]:
    """By reply, until when a complaint is possible: about each recipient's latest decision. `replies`: latest first."""
    decisions: dict[UUID, Reply] = {}
    for reply in replies:
        if reply.action:
            decisions.setdefault(reply.notice.recipient_id, reply)
    return {
        reply.pk: until
        for reply in decisions.values()
        if (until := complaint_until(reply.notice.recipient.kind, reply.action, reply.received_at, now=now))
    }


def _answer_button(reply: Reply, incident: Incident, user: User, bound: dict[str, ActionForm]) -> ActionButton:
    return ActionButton(
        name=ANSWER,
        label=_("Send the answer"),
        url=incident_url(incident.pk, f"admin:{ANSWER}"),
        form=bound.get(ANSWER) or AnswerReply(incident=incident, auto_id=f"{ANSWER}_%s", initial={"reply": reply.pk}),
        why_not=why_not(check_can_answer, user, incident, reply),
    )


def _call_button(reply: Reply, incident: Incident, user: User, bound: dict[str, ActionForm]) -> ActionButton:
    initial = {"reply": reply.pk, "phone": reply.notice.recipient.verified_phone}
    return ActionButton(
        name=CALL,
        label=_("Record the call"),
        url=incident_url(incident.pk, f"admin:{CALL}"),
        form=bound.get(CALL) or CallBack(incident=incident, auto_id=f"{CALL}_%s", initial=initial),
        why_not=why_not(check_can_call_back, user, incident, reply),
    )


def notice_replies(notice: Notice) -> list[ReplyRow]:
    """The latest replies to a notice, without their words."""
    latest = notice.replies.select_related("answer__key", "read_by", "entered_by", "confirmed_by").order_by(
        "-received_at", "pk"
    )
    return [ReplyRow(reply) for reply in latest[:MOST_LISTED]]


def _latest_replies(incident: Incident, user: User) -> list[Reply]:
    """Each with the attributes `is_readable`, by the user, and `is_unanswered`: who still needs more information."""
    # People apart: beyond eight joins all replies ever given would be read.
    replies = Reply.objects.about(incident).select_related("notice__recipient", "answer__key")
    replies = replies.prefetch_related("read_by", "entered_by", "confirmed_by")
    same = Reply.objects.filter(pk=OuterRef("pk"))
    replies = replies.annotate(is_readable=Exists(same.readable_by(user)), is_unanswered=Exists(same.unanswered()))
    return list(replies.order_by("-received_at", "pk")[:MOST_LISTED])


def reply_row(reply: Reply, blanks: Blanks, *, revealed: bool) -> ReplyRow:
    erased_on = reply.answer.key.destroyed_on
    text = None if erased_on else words_of(reply)
    next_step, section = what_follows(reply)
    return ReplyRow(
        reply,
        next_step=next_step,
        section=section,
        has_words=bool(text and text.strip()),
        words=blanks.legible(make_legible(text)) if text and text.strip() and revealed else None,
        unreadable=text is None and not erased_on,
        erased_on=erased_on,
    )


def words_of(reply: Reply) -> str | None:
    """The text of the reply; None if it cannot be decrypted."""
    try:
        text = contents.reveal_reply(reply.answer).get("text", "")
    except (sealing.UnsealError, keys.KeyMissing):
        return None
    return text if isinstance(text, str) else None


def decision_in_words(reply: Reply) -> str:
    """The action, its ground and means, and whether the user was informed of redress; "" if not said."""
    decision = reply.decision
    if decision.action is None:
        return ""
    words = [str(RECIPIENT_ACTIONS[decision.action].label)]
    if decision.ground:
        words.append(str(GROUNDS[decision.ground]))
    if decision.is_automated is not None:
        words.append(_("decided by a machine alone") if decision.is_automated else _("decided by a person"))
    if decision.redress_told is not None:
        words.append(_("user informed of redress") if decision.redress_told else _("user not informed of redress"))
    return ", ".join(words)


def what_follows(reply: Reply) -> tuple[str, str]:
    """The next step after a reply and the id of its page section; no step is taken automatically."""
    if reply.is_to_call:
        return str(CALL_SENTENCE), NextStepKind.CALL_BACK.row.section
    kind, action = AnswerKind(reply.kind), reply.decision.action
    step = step_after(kind, action)
    if step is None:
        return "", ""
    sentence = ANSWER_KINDS[kind].next_step or (RECIPIENT_ACTIONS[action].next_step if action else "")
    return str(sentence), step.row.section
