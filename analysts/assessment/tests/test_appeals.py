"""Appeals: filed through the reply page or by hand, and decided by a senior analyst who has assessed none of it."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from analysts.assessment import actions
from analysts.assessment.actions.appeals import decide_appeal
from analysts.assessment.agreement_views import count_appeals
from analysts.codes import Role, UndoReason
from analysts.codes.appeals import AppealOutcome, AppealReason, Appellant, UnseenReason
from analysts.codes.letter_topics import BackTopic
from analysts.models import (
    Appeal,
    Chase,
    DropReason,
    Incident,
    Notice,
    NoticeItem,
    NoticeState,
    Purpose,
    Recipient,
    Reply,
    User,
)
from analysts.pages.tests.test_timeline import history_of
from analysts.states import State
from analysts.takedown.appeals.actions import file_appeal
from analysts.takedown.appeals.permissions import check_can_decide, check_names_letter, letters_about
from analysts.takedown.chasing.lists import to_do_counts
from analysts.takedown.notices.post import build_message
from analysts.takedown.notices.pre_send_checks import still_to_send
from analysts.takedown.notices.replies.actions import read_replies
from analysts.takedown.notices.replies.intake import take_in
from analysts.takedown.notices.sending import begin_attempt
from analysts.takedown.notices.shipped_texts import message_of, read_languages
from analysts.takedown.notices.texts import load_shipped_texts
from analysts.takedown.url_list.actions import list_address
from analysts.takedown.url_list.entries import entry_of
from analysts.tests.factories import assessed_illegal, incident_of
from analysts.tests.notices import mark_as_sent
from analysts.tests.replies import answered, noticed
from analysts.tests.sections import ALL_OPEN
from analysts.welfare.viewing import record_reveal
from audit.models import AuditEvent
from audit.permissions import Denied, is_allowed, why_not
from countries.models import Portal
from reports.notices import AnswerKind
from tests.rig.fixtures import client_of, create_person

NOTE = "placeholder grounds"
FORM = UnseenReason.FORM
LETTER_LANGUAGES = [tag for tag, language in read_languages().items() if language.letters]
UNSEEN = "without revealing it: the appeal is not about this incident"
# No letter to an appellant names these, in any of its languages.
UNTOLD = re.compile(
    r"(?i)\b(lists?|police|reports?|reported|liste[ns]?|polizei\w*|meldung\w*|gemeldet\w*|listas?|polic[ií]\w*|denuncia\w*"
    r"|listes?|signal\w*|den[uú]nci\w*)\b"
)


@pytest.fixture
def incident(belize: Portal, ana: User) -> Incident:
    return assessed_illegal(incident_of(belize), ana).incident


def filed(incident: Incident, by: User) -> Appeal:
    return file_appeal(by=by, incident=incident, appellant=Appellant.OWNER, note=NOTE)


def due(user: User) -> dict[str, int]:
    return {kind.name: number for kind, number in to_do_counts(user, timezone.now()).items() if kind.name == "appeals"}


def test_contesting_reply_files_an_appeal_for_each_incident(belize: Portal, ana: User, sena: User) -> None:
    made = [incident_of(belize, f"https://example.org/{name}") for name in ("a", "b")]
    notice = noticed(*made, by=ana)
    answered(notice, AnswerKind.CONTESTED, "first")
    answered(notice, AnswerKind.CONTESTED, "second")
    assert take_in() == 2
    # The second reply adds none: they wait already.
    assert {appeal.incident_id for appeal in Appeal.objects.all()} == {each.pk for each in made}
    assert {(appeal.appellant, appeal.entered_by) for appeal in Appeal.objects.all()} == {(Appellant.PROVIDER, None)}
    assert AuditEvent.objects.get(action="notice.appeal").details["count"] == 2
    assert (due(sena), due(ana)) == ({"appeals": 2}, {})
    page = client_of(sena).get("/admin/to-do/?what=appeals").content.decode()
    assert all(str(each) in page for each in made)


def test_appeal_by_hand_keeps_its_grounds_sealed(incident: Incident, ana: User, sena: User) -> None:
    page = client_of(ana).post(f"/admin/incidents/{incident.pk}/appeals/", {"appellant": "owner", "note": NOTE})
    assert page.status_code == 302
    event = AuditEvent.objects.get(action="incident.file_appeal")
    assert (event.details["appellant"], NOTE in str(event.details)) == ("owner", False)
    again = client_of(ana).post(f"/admin/incidents/{incident.pk}/appeals/", {"appellant": "owner", "note": NOTE})
    assert (again.status_code, NOTE in again.content.decode()) == (403, True)
    assert due(sena) == {"appeals": 1}


def test_only_an_illegal_verdict_can_be_appealed(belize: Portal, ana: User) -> None:
    with pytest.raises(Denied, match="Only an illegal verdict"):
        filed(incident_of(belize), ana)


def test_reviewer_is_a_senior_who_has_assessed_none_of_it(belize: Portal, incident: Incident, ana: User) -> None:
    seniors = [create_person(f"senior{number}", Role.SENIOR, belize) for number in range(3)]
    merged = incident_of(belize, "https://example.org/merged")
    # Undone assessments count, and those of an incident merged into it.
    undone, of_merged, other = seniors
    assessment = assessed_illegal(merged, undone)
    actions.undo(by=undone, incident=merged, assessment=assessment, reason=UndoReason.SLIP)
    merged.refresh_from_db()
    actions.release(by=undone, incident=merged, fence=merged.fence)
    actions.merge(by=of_merged, incident=merged, into=incident)
    # They learn nothing of any other incident.
    assessed_illegal(incident_of(belize, "https://example.org/unrelated"), other)
    assessed = assessed_illegal(incident_of(belize, "https://example.org/assessed"), undone).incident
    assert not is_allowed(check_can_decide, undone, assessed)
    appeal = filed(incident, ana)
    assert [is_allowed(lambda user: check_can_decide(user, incident), user) for user in (ana, undone, other)] == [
        False,
        False,
        True,
    ]
    for wrong, said in ((ana, "only a senior analyst"), (undone, "has assessed none of it")):
        with pytest.raises(IntegrityError, match=said), transaction.atomic():
            Appeal.objects.filter(pk=appeal.pk).update(
                outcome="upheld", reason="illegal", reviewed_by=wrong, reviewed_at=timezone.now()
            )
    decide_appeal(by=other, incident=incident, appeal=appeal, reason=AppealReason.ILLEGAL, unseen_reason=FORM)
    with pytest.raises(Denied, match="decided already"):
        decide_appeal(by=other, incident=incident, appeal=appeal, reason=AppealReason.ILLEGAL, unseen_reason=FORM)
    with pytest.raises(IntegrityError, match="never changed"), transaction.atomic():
        Appeal.objects.filter(pk=appeal.pk).update(reason="no_grounds")


def test_upheld_verdict_changes_nothing_else(incident: Incident, ana: User, sena: User) -> None:
    appeal = filed(incident, ana)
    sent = {"appeal": str(appeal.pk), "reason": "no_grounds", "unseen_reason": "form"}
    assert client_of(sena).post(f"/admin/incidents/{incident.pk}/appeal-decision/", sent).status_code == 302
    incident.refresh_from_db()
    assert (incident.state, Chase.objects.open().count(), due(sena)) == (State.ASSESSED, 1, {})
    event = AuditEvent.objects.get(action="incident.decide_appeal")
    assert (event.actor, event.details["outcome"], event.details["reason"]) == ("sena", "upheld", "no_grounds")
    entries = [(entry.title, *entry.details) for entry in history_of(incident, ana).entries][:2]
    assert entries == [("appeal: verdict upheld", "the appeal gives no new grounds", UNSEEN), ("appeal", "site owner")]
    assert [number for _label, number in count_appeals(timezone.now())] == [1, 0, 0]


def test_overturned_verdict_ends_the_takedown_and_is_assessed_again(incident: Incident, ana: User, sena: User) -> None:
    list_address(by=ana, incident=incident)
    appeal = decide_appeal(
        by=sena,
        incident=incident,
        appeal=filed(incident, ana),
        reason=AppealReason.NOT_ILLEGAL,
        unseen_reason=FORM,
        note=NOTE,
    )
    assert appeal.outcome == AppealOutcome.OVERTURNED
    incident.refresh_from_db()
    assert (incident.state, incident.round, incident.answers_from) == (State.WAITING, 2, 2)
    assert (Chase.objects.open().count(), entry_of(incident)) == (0, None)


@pytest.mark.parametrize("waits", [False, True])
def test_takedown_goes_on_unless_the_setting_says_that_it_waits(
    belize: Portal, ana: User, sena: User, settings: Any, *, waits: bool
) -> None:
    settings.APPEALS_WAIT = waits
    incident = incident_of(belize)
    notice = noticed(incident, by=ana)
    list_address(by=ana, incident=incident)
    appeal = filed(incident, ana)
    assert (entry_of(incident) is None) == waits
    assert [item.incident_id for item in still_to_send(notice)] == ([] if waits else [incident.pk])
    assert NoticeItem.objects.get().dropped == (DropReason.APPEAL if waits else "")
    decide_appeal(by=sena, incident=incident, appeal=appeal, reason=AppealReason.ILLEGAL, unseen_reason=FORM)
    assert entry_of(incident) is not None


def test_key_for_entering_an_appeal_is_on_the_page_once(incident: Incident, ana: User) -> None:
    page = client_of(ana).get(f"/admin/incidents/{incident.pk}/", ALL_OPEN).content.decode()
    keys = re.findall(r'data-opens="(\w)"', page)
    assert "A" in keys
    assert len(keys) == len(set(keys))
    # The list of shortcuts names it.
    assert re.search(r"<kbd>A</kbd>\s*</dt>\s*<dd>\s*Enter an appeal\b", page)


def test_page_offers_the_decision_to_the_right_person(incident: Incident, ana: User, sena: User, ben: User) -> None:
    filed(incident, ana)
    path = f"/admin/incidents/{incident.pk}/"
    own, seniors = (client_of(user).get(path).content.decode() for user in (ana, sena))
    assert ("A senior analyst decides appeals." in own, "Record the decision" in seniors) == (True, True)
    appeal = Appeal.objects.get()
    sent = {"appeal": str(appeal.pk), "reason": "illegal"}
    assert [client_of(user).post(f"{path}appeal-decision/", sent).status_code for user in (ana, ben)] == [403, 403]
    wrong = client_of(sena).post(f"{path}appeal-decision/", {"appeal": str(appeal.pk), "reason": "", "note": NOTE})
    assert (wrong.status_code, NOTE in wrong.content.decode()) == (422, True)


def contested(belize: Portal, by: User) -> tuple[Incident, Appeal]:
    """An incident that a host contests, and its appeal, both unread."""
    notice = noticed(incident_of(belize), by=by)
    mark_as_sent(notice)
    answered(notice, AnswerKind.CONTESTED, NOTE)
    assert take_in() == 1
    appeal = Appeal.objects.get()
    return appeal.incident, appeal


def test_appeal_is_decided_by_who_revealed_and_read_first(belize: Portal, ana: User, sena: User) -> None:
    incident, appeal = contested(belize, ana)
    other = create_person("sabine", Role.SENIOR, belize)

    def decide(by: User) -> Appeal:
        return decide_appeal(by=by, incident=incident, appeal=appeal, reason=AppealReason.ILLEGAL)

    # A reveal by another person does not count.
    record_reveal(by=other, incident=incident, reason="advice")
    with pytest.raises(Denied, match="Reveal the incident and read the grounds first"):
        decide(sena)
    record_reveal(by=sena, incident=incident, reason="advice")
    with pytest.raises(Denied, match="read the grounds first"):
        decide(sena)
    read_replies(by=ana, incident=incident, replies=Reply.objects.all())
    assert decide(sena).unseen_reason == ""
    assert "unseen" not in AuditEvent.objects.get(action="incident.decide_appeal").details


def test_who_decides_unseen_says_why(belize: Portal, ana: User, sena: User) -> None:
    incident, appeal = contested(belize, ana)
    decided = decide_appeal(
        by=sena, incident=incident, appeal=appeal, reason=AppealReason.ILLEGAL, unseen_reason=UnseenReason.WELFARE
    )
    assert decided.unseen_reason == UnseenReason.WELFARE
    assert AuditEvent.objects.get(action="incident.decide_appeal").details["unseen"] == "welfare"


def test_refused_decision_keeps_what_was_typed(belize: Portal, ana: User, sena: User) -> None:
    incident, appeal = contested(belize, ana)
    sent = {"appeal": str(appeal.pk), "reason": "adult", "note": NOTE}
    page = client_of(sena).post(f"/admin/incidents/{incident.pk}/appeal-decision/", sent)
    assert (page.status_code, NOTE in page.content.decode()) == (403, True)


def asked_by_holder(belize: Portal, ana: User) -> tuple[Incident, Appeal]:
    """The holder of an account rings us: the letter to the provider names the account."""
    letter = noticed(incident_of(belize), by=ana)
    mark_as_sent(letter)
    incident = Incident.objects.get()
    return incident, file_appeal(by=ana, incident=incident, appellant=Appellant.HOLDER, note=NOTE, letter=letter)


# Each reason and each language; every text: `test_every_language_of_letters_has_every_answer`.
@pytest.mark.parametrize(
    ("reason", "language"),
    [(reason, LETTER_LANGUAGES[at % len(LETTER_LANGUAGES)]) for at, reason in enumerate(AppealReason)],
)
@pytest.mark.parametrize("begin", [contested, asked_by_holder])
def test_recipient_is_told_outcome_and_reason_and_nothing_else(
    reason: AppealReason,
    language: str,
    begin: Callable[[Portal, User], tuple[Incident, Appeal]],
    belize: Portal,
    ana: User,
    sena: User,
    settings: Any,
) -> None:
    settings.PUBLIC_URL = "https://public.example"
    load_shipped_texts()
    incident, appeal = begin(belize, ana)
    earlier = appeal.reply.notice if appeal.reply else appeal.letter
    assert earlier is not None
    Recipient.objects.update(languages=[language])
    decide_appeal(by=sena, incident=incident, appeal=appeal, reason=reason, unseen_reason=FORM)

    letter = Notice.objects.get(purpose=Purpose.OUTCOME)
    assert (letter.answers or letter.appeal, letter.state) == (appeal.reply or appeal, NoticeState.READY)
    assert (letter.recipient, letter.by) == (earlier.recipient, sena)
    # The takedown may be over: the letter leaves all the same.
    attempt = begin_attempt(letter.pk, now=letter.scheduled_at)
    assert attempt is not None
    message = build_message(attempt.notice, attempt.letter, now=letter.scheduled_at)
    assert (message.to, message.attachments) == ([letter.recipient.email], [])
    assert attempt.letter.template.language == language
    body = str(message.body)
    assert message_of(reason, language) in body
    assert earlier.reference in body
    text = f"{message.subject} {body}".replace(settings.PUBLIC_URL, "").replace(settings.HOTLINE_NAME, "")
    assert not UNTOLD.search(text)
    assert "example.org" not in text


def test_every_language_of_letters_has_every_answer() -> None:
    for language in LETTER_LANGUAGES:
        assert read_languages()[language].messages.keys() == {*AppealReason, *BackTopic}
        for reason in AppealReason:
            assert not UNTOLD.search(message_of(reason, language))


def test_outcome_for_an_account_holder_waits_for_the_verified_mailbox(belize: Portal, ana: User, sena: User) -> None:
    incident, appeal = asked_by_holder(belize, ana)
    Recipient.objects.update(email="other@example.net")
    decide_appeal(by=sena, incident=incident, appeal=appeal, reason=AppealReason.WRONG_HOLDER, unseen_reason=FORM)
    letter = Notice.objects.get(purpose=Purpose.OUTCOME)
    assert begin_attempt(letter.pk, now=letter.scheduled_at) is None


@pytest.mark.parametrize(
    ("appellant", "letter"), [("holder", ""), ("owner", "own"), ("provider", "own"), ("holder", "of another incident")]
)
def test_letter_is_that_which_names_the_account(appellant: str, letter: str, belize: Portal, ana: User) -> None:
    notices = [noticed(incident_of(belize, f"https://example.org/{name}"), by=ana) for name in ("a", "b")]
    for notice in notices:
        mark_as_sent(notice)
    fields = {"appellant": appellant, "note": NOTE, "letter": {"": "", "own": notices[0].pk}.get(letter, notices[1].pk)}
    incident = notices[0].items.get().incident
    page = client_of(ana).post(f"/admin/incidents/{incident.pk}/appeals/", fields)
    assert (page.status_code, NOTE in page.content.decode()) == (422, True)
    assert not Appeal.objects.exists()
    page = client_of(ana).post(
        f"/admin/incidents/{incident.pk}/appeals/", fields | {"appellant": "holder", "letter": notices[0].pk}
    )
    assert Appeal.objects.get().letter == notices[0]


@pytest.mark.parametrize(
    ("appellant", "index", "has_left", "reason"),
    [
        ("holder", None, True, "Choose the letter"),
        ("holder", None, False, ""),
        ("owner", None, True, ""),
        ("owner", 0, True, "Only the appeal of an account holder"),
        ("holder", 0, True, ""),
        ("holder", 1, True, "not about this incident"),
        ("holder", 0, False, "not about this incident"),
    ],
)
def test_only_a_holder_names_a_letter_that_was_sent_about_it(
    appellant: Appellant, index: int | None, has_left: bool, reason: str, belize: Portal, ana: User
) -> None:
    letters = [noticed(incident_of(belize, f"https://example.org/{name}"), by=ana) for name in ("a", "b")]
    mark_as_sent(letters[1])
    if has_left:
        mark_as_sent(letters[0])
    incident = letters[0].items.get().incident
    answer = why_not(check_names_letter, appellant, None if index is None else letters[index], incident)
    assert (bool(answer), reason in answer) == (bool(reason), True)


@pytest.mark.parametrize("change", [
    {"dropped": DropReason.GONE}, {"interval": None, "trace": 0}, {"corrects": "itself"},
])  # fmt: skip
def test_letter_that_names_an_account_is_a_step_of_the_takedown(
    change: dict[str, Any], belize: Portal, ana: User
) -> None:
    letter = noticed(incident_of(belize), by=ana)
    mark_as_sent(letter)
    item = letter.items.get()
    assert letters_about(item.incident).get() == letter
    if "corrects" in change:
        change = {"corrects": item}
    NoticeItem.objects.filter(pk=item.pk).update(**change)
    assert not letters_about(item.incident).exists()


def test_appeal_by_hand_tells_nobody_by_letter(incident: Incident, ana: User, sena: User) -> None:
    appeal = file_appeal(by=ana, incident=incident, appellant=Appellant.HOLDER, note=NOTE)
    decided = decide_appeal(
        by=sena, incident=incident, appeal=appeal, reason=AppealReason.WRONG_HOLDER, unseen_reason=FORM
    )
    incident.refresh_from_db()
    assert (decided.outcome, incident.state) == (AppealOutcome.OVERTURNED, State.WAITING)
    assert not Notice.objects.exists()
