"""Verbs on notices, replies and recipients, and on the tables that operators maintain."""

import uuid

from django.db.models import QuerySet

from analysts.assessment import mappings
from analysts.codes import Role
from analysts.codes.letter_topics import BackTopic
from analysts.codes.recipient_kinds import RecipientKind, RouteStep
from analysts.models import (
    Hosted,
    Incident,
    Notice,
    NoticeItem,
    NoticeState,
    Purpose,
    Recipient,
    Reply,
    RouteExample,
    RouteRule,
    User,
)
from analysts.models.notice import UNSENT
from analysts.takedown.facts import redaction
from analysts.takedown.notices import manual_actions, rendering, texts
from analysts.takedown.notices.replies import actions as reply_actions
from analysts.takedown.recipients import actions as recipients
from analysts.takedown.recipients import importing, sheet
from analysts.takedown.routing import table
from tests.life.reply_choice import choose_answer
from tests.life.rows import OPERATORS, Arguments, Chance, MakeArguments, VerbRow, of_row
from tests.life.world import World

VERIFIERS = frozenset({Role.OPERATOR, Role.SENIOR})
# A letter that cannot be written, or an address whose redaction has to be confirmed first.
NO_LETTER = (rendering.CannotRender, redaction.Unconfirmed)


def _a_notice(*states: NoticeState, **conditions: object) -> MakeArguments:
    def make(_world: World, by: User, chance: Chance) -> Arguments | None:
        notices = Notice.objects.all()
        if not chance.is_wild:
            notices = notices.visible_to(by).filter(state__in=states, **conditions)
        notice = chance.row(Notice.objects.filter(pk__in=notices.values("pk")))
        return None if notice is None else {"notice": notice}

    return make


def _a_letter(world: World, by: User, chance: Chance) -> Arguments | None:
    """A notice by hand, as its letter was read: now, or before something changed."""
    found = _a_notice(NoticeState.READY, next_try_at=None)(world, by, chance)
    if found is None:
        return None
    notice = found["notice"]
    try:
        digest = manual_actions.mark_of(rendering.render_letter(notice))
    except NO_LETTER:
        return None
    return {"notice": notice, "digest_on_page": "0" if chance.is_one_of(10) else digest}


def _a_reply(world: World, by: User, chance: Chance) -> Arguments | None:
    found = _a_notice(NoticeState.SENT)(world, by, chance)
    if found is None:
        return None
    notice = found["notice"]
    return {**found, "answer": choose_answer(chance.random, notice.answerer(), notice.numbers())}


def _a_question(_world: World, by: User, chance: Chance) -> Arguments | None:
    reply = chance.row(Reply.objects.filter(pk__in=Reply.objects.unanswered().readable_by(by).values("pk")))
    if reply is None:
        return None
    items = NoticeItem.objects.filter(notice=reply.notice, dropped="")
    incident = chance.row(Incident.objects.visible_to(by).filter(pk__in=items.values("incident")))
    return None if incident is None else {"incident": incident, "reply": reply, "topic": chance.choose([*BackTopic])}


def _some_replies(_world: World, by: User, chance: Chance) -> Arguments | None:
    reply = chance.row(Reply.objects.filter(read_at=None, pk__in=Reply.objects.readable_by(by).values("pk")))
    if reply is None:
        return None
    items = NoticeItem.objects.filter(notice=reply.notice, dropped="")
    incident = chance.row(Incident.objects.visible_to(by).filter(pk__in=items.values("incident")))
    return None if incident is None else {"incident": incident, "replies": [reply]}


def _details(chance: Chance) -> dict[str, object]:
    number = chance.random.randrange(1000)
    return {
        "kind": RecipientKind.HOST,
        "name": f"Hosting {number}",
        "channel": "email",
        "email": f"a{number}@example.org",
    }


def _items(by: User, _world: World) -> QuerySet[NoticeItem]:
    visible = Incident.objects.visible_to(by)
    return NoticeItem.objects.filter(dropped="", notice__state__in=UNSENT, incident__in=visible).select_related(
        "notice"
    )


def _changed_details(_world: World, _recipient: Recipient, chance: Chance) -> Arguments:
    desk = f"desk{chance.random.randrange(9)}@example.org"
    return {"details": chance.choose([{"email": desk}, {"source": "their page"}])}


def _unverified(by: User, _world: World) -> QuerySet[Recipient]:
    return Recipient.objects.filter(closed_on=None, verified_on=None).exclude(email="").exclude(changed_by=by)


def _as_on_page(_world: World, recipient: Recipient, _chance: Chance) -> Arguments:
    return {"digest_on_page": recipient.value_digest()}


def _with_proposal(_by: User, _world: World) -> QuerySet[Recipient]:
    return Recipient.objects.exclude(proposed_email="")


def _decided(_world: World, recipient: Recipient, chance: Chance) -> Arguments:
    shown = {"digest_on_page": recipient.value_digest(), "email_on_page": recipient.proposed_email}
    return {**shown, "takes": not chance.is_one_of(3)}


def _closed(_by: User, _world: World) -> QuerySet[Recipient]:
    return Recipient.objects.exclude(closed_on=None)


def _a_sheet(_world: World, _by: User, _chance: Chance) -> Arguments:
    return {"lines": sheet.read_sheet(sheet.EXAMPLE.encode()).lines}


def _a_text(_world: World, _by: User, chance: Chance) -> Arguments | None:
    kind, language = RecipientKind.HOST, "en"
    text = texts.latest_text(kind, Purpose.FIRST, language)
    if text is None:
        return None
    if len(text.body) < 4000:
        text.body = f"{text.body}\nReference {chance.random.randrange(100)}."
    text.pk = uuid.uuid4()
    return {"text": text}


def _a_code(_world: World, _by: User, chance: Chance) -> Arguments:
    scheme, code = chance.choose(sorted(mappings.default_mapping(), key=str))
    return {"scheme": scheme, "code": code, "target": chance.choose(["", None])}


def _a_rule(_world: World, _by: User, chance: Chance) -> Arguments:
    rule = chance.choose([None, chance.row(RouteRule.objects.all())]) or RouteRule()
    rule.hosted, rule.countries = Hosted.COUNTRIES, [chance.choose(["NL", "ZM", "US"])]
    rule.steps = [chance.choose([RouteStep.HOTLINE, RouteStep.POLICE, RouteStep.NOTICE_HOST])]
    rule.after_hours, rule.reason, rule.is_active = 0, "As agreed.", not chance.is_one_of(3)
    return {"rule": rule, "anyway": True}


def _a_moved_rule(_world: World, _by: User, chance: Chance) -> Arguments | None:
    rule = chance.row(RouteRule.objects.all())
    return None if rule is None else {"rule": rule, "place": chance.choose([1, 2, 3])}


def _an_example(_world: World, _by: User, chance: Chance) -> Arguments:
    country = chance.choose(["NL", "ZM"])
    example = RouteExample.objects.filter(country=country).first() or RouteExample(country=country)
    example.steps = [RouteStep.HOTLINE]
    return {"example": example}


def _no_rules(_world: World, _by: User, chance: Chance) -> Arguments | None:
    return {} if chance.is_wild or not RouteRule.objects.exists() else None


CHANGED_RECIPIENT = of_row("recipient", lambda *_: Recipient.objects.all(), _changed_details)
VERIFICATION = of_row("recipient", _unverified, _as_on_page, any_when_wild=True)
CONTACT = of_row("recipient", _with_proposal, _decided, any_when_wild=True)

ROWS: tuple[VerbRow, ...] = (
    VerbRow(manual_actions.send_now, _a_notice(NoticeState.GATHERING), often=4),
    VerbRow(manual_actions.cancel, _a_notice(NoticeState.GATHERING, NoticeState.READY, NoticeState.DEAD), often=1),
    VerbRow(manual_actions.leave_out, of_row("item", _items), often=1),
    VerbRow(manual_actions.try_again, _a_notice(NoticeState.DEAD), often=6),
    VerbRow(manual_actions.send_by_hand, _a_notice(NoticeState.DEAD, NoticeState.READY), often=4),
    VerbRow(
        manual_actions.read_letter,
        _a_notice(NoticeState.READY, NoticeState.SENT, NoticeState.GATHERING),
        often=2,
        refused_by=NO_LETTER,
    ),
    VerbRow(manual_actions.record_sent, _a_letter, often=5, refused_by=NO_LETTER),
    VerbRow(reply_actions.read_replies, _some_replies, often=8),
    VerbRow(reply_actions.record_reply, _a_reply, often=4),
    VerbRow(reply_actions.answer_reply, _a_question, often=3),
    VerbRow(recipients.add_recipient, lambda world, by, chance: {"details": _details(chance)}, OPERATORS, often=1),
    VerbRow(recipients.change_recipient, CHANGED_RECIPIENT, OPERATORS, often=1),
    VerbRow(recipients.verify, VERIFICATION, VERIFIERS, often=4),
    VerbRow(recipients.decide_contact, CONTACT, VERIFIERS, often=2),
    VerbRow(
        recipients.close_down,
        of_row("recipient", lambda by, world: Recipient.objects.filter(closed_on=None)),
        OPERATORS,
        often=1,
    ),
    VerbRow(recipients.reopen, of_row("recipient", _closed), OPERATORS),
    VerbRow(importing.take_in, _a_sheet, OPERATORS, often=1),
    VerbRow(texts.save_text, _a_text, OPERATORS, often=1),
    VerbRow(mappings.correct_mapping, _a_code, OPERATORS, often=1),
    VerbRow(table.load_usual, _no_rules, OPERATORS, often=8),
    VerbRow(table.write_rule, _a_rule, OPERATORS, often=1),
    VerbRow(table.move_rule, _a_moved_rule, OPERATORS, often=1),
    VerbRow(table.write_example, _an_example, OPERATORS, often=1),
    VerbRow(table.remove_example, of_row("example", lambda by, world: RouteExample.objects.all()), OPERATORS, often=1),
)
