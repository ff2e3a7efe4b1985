"""Letters that an inbox shows in place of a mail: facts in words, answers to questions, corrections."""

import re
from typing import Any

import pytest
from django.utils import timezone

from analysts.assessment.words_release.actions import decide_words_release, propose_words_release
from analysts.codes import Severity
from analysts.codes.letter_topics import BackTopic, WithdrawReason
from analysts.models import (
    Incident,
    Notice,
    NoticeItem,
    Purpose,
    Recipient,
    RecipientAccess,
    Referral,
    ReleaseGround,
    User,
)
from analysts.takedown.inbox.actions import answer_referral
from analysts.takedown.inbox.inbox_rows import inbox_rows
from analysts.takedown.legal.texts import load_shipped
from analysts.takedown.notices import post, rendering
from analysts.takedown.notices.case_facts.facts import CASE_FACTS, case_words
from analysts.takedown.notices.corrections import correct_letter
from analysts.takedown.notices.letter_facts import ITEM_COLUMNS
from analysts.takedown.notices.placeholders import Placeholder
from analysts.takedown.notices.replies.actions import answer_reply
from analysts.takedown.notices.shipped_texts import message_of
from analysts.takedown.routing.actions import withdraw_referral
from analysts.tests.factories import incident_of, report_of
from analysts.tests.inboxes import inbox_of, referred_to, send, unit
from audit.models import AuditEvent
from countries.models import Portal
from reports.notices import AnswerKind
from tests.rig.fixtures import client_of

pytestmark = pytest.mark.django_db

MAIL = "1 reference in your inbox is new or has news."


@pytest.fixture
def referral(police: Recipient, belize: Portal, ana: User) -> Referral:
    return referred_to(police, incident_of(belize, "https://placeholder.example.org/gallery"), by=ana)[0]


def read_page(access: RecipientAccess, referral: Referral, act: str = "") -> str:
    client, url = client_of(access.user), f"/admin/inbox/{referral.pk}/{act}"
    return " ".join((client.post(url) if act else client.get(url)).content.decode().split())


def mail_about(notice: Notice) -> str:
    return str(post.build_message(notice, rendering.render_letter(notice), now=timezone.now()).body)


@pytest.mark.parametrize("language", ["en", "es"])
def test_opened_address_has_the_facts_of_the_letter_each_with_its_label(
    language: str, police: Recipient, access: RecipientAccess, belize: Portal, ana: User, settings: Any
) -> None:
    settings.HOTLINE_TELEPHONE = "+44 20 7946 0000"
    load_shipped()
    Recipient.objects.filter(pk=police.pk).update(languages=[language])
    incident = incident_of(belize, "https://placeholder.example.org/gallery")
    referral, _notice = referred_to(Recipient.objects.get(pk=police.pk), incident, by=ana)
    page, words = read_page(access, referral, "open/"), case_words(language)
    labels = [str(Placeholder(fact).label) for fact in (*ITEM_COLUMNS, Placeholder.LEGAL_GROUND)]
    labels += [words[fact.code] for fact in CASE_FACTS if fact.code != "age"]
    facts = [label[0].upper() + label[1:] for label in labels]
    stated = [label for label in facts if f"<dt>{label}</dt>" in page]
    # Where it is hosted is not traced.
    assert [label for label in facts if label not in stated] == [
        fact for fact in facts if any(part in fact for part in ("hosting", "network", "IP address"))
    ]
    names = [label for label in re.findall("<dt>(.*?)</dt>", page) if "_" in label]
    assert (names, " UTC<" in page) == ([], True)


def test_answer_to_a_question_is_read_in_the_inbox(access: RecipientAccess, referral: Referral, ana: User) -> None:
    reply = answer_referral(by=access.user, referral_id=referral.pk, kind=AnswerKind.NEED_MORE, text="Which page?")
    incident = Incident.objects.get(pk=referral.incident_id)
    letter = answer_reply(by=ana, incident=incident, reply=reply, topic=BackTopic.NO_COPIES)
    assert MAIL in mail_about(letter)
    item = letter.items.get()
    assert message_of(BackTopic.NO_COPIES, "en").split("\n")[0] not in read_page(access, referral)
    send(item, now=timezone.now())
    page = read_page(access, referral)
    assert " ".join(message_of(BackTopic.NO_COPIES, "en").split()) in page
    assert '<strong id="state">open</strong>' in page


def test_sentence_released_before_a_referral_is_opened_on_record_by_its_recipient_alone(
    police: Recipient, access: RecipientAccess, belize: Portal, ana: User, sena: User, adam: User
) -> None:
    """A life may be in danger before any verdict: the police are alerted, and nothing is referred to them."""
    sentence = "He says that he meets the child on Friday."
    report = report_of(belize, details={"description": sentence, "facts": ["child_in_danger"]})
    incident = Incident.objects.get(sightings__report=report)
    release = propose_words_release(
        by=ana, incident=incident, report=report, to=police, sentence=sentence, ground=ReleaseGround.THREAT
    )
    decide_words_release(by=sena, incident=incident, release=release, releases=True)
    client, url = client_of(access.user), "/admin/inbox/"
    page = client.get(url).content.decode()
    assert ("1 sentence of a report is released to you" in page, sentence in page) == (True, False)
    opened = client.post(f"{url}sentences/").content.decode()
    assert (sentence in opened, f"Number {incident}" in opened) == (True, True)
    event = AuditEvent.objects.get(action="inbox.reveal")
    assert (event.actor, event.object_id, event.details) == (
        *(access.user.username, str(incident.pk), {"sentences": 1}),
    )
    other = client_of(inbox_of(unit("Foreign Police", by=ana), by=adam).user)
    assert "released to you before" not in other.get(url).content.decode()
    assert sentence not in other.post(f"{url}sentences/").content.decode()
    assert AuditEvent.objects.filter(action="inbox.reveal").count() == 1
    # Once it is referred, the sentence is with its reference.
    referral, _notice = referred_to(police, incident, by=ana)
    assert "released to you before" not in client.get(url).content.decode()
    assert sentence in read_page(access, referral, "open/")


@pytest.mark.parametrize("is_withdrawn", [True, False])
def test_correction_is_read_in_the_inbox(
    is_withdrawn: bool, access: RecipientAccess, referral: Referral, ana: User
) -> None:
    incident = Incident.objects.get(pk=referral.incident_id)
    if is_withdrawn:
        withdraw_referral(by=ana, incident=incident, referral=referral, reason=WithdrawReason.FACTS)
        item = NoticeItem.objects.get(notice__purpose=Purpose.CORRECTION)
    else:
        Incident.objects.filter(pk=incident.pk).update(severity=Severity.B)
        item = correct_letter(NoticeItem.objects.get(), by=ana, now=timezone.now())
    item = NoticeItem.objects.select_related("notice").get(pk=item.pk)
    assert MAIL in mail_about(item.notice)
    send(item, now=timezone.now())
    page = read_page(access, referral)
    words = "Please correct your records" if is_withdrawn else f"The category is now: {Severity.B.label}"
    assert words in page
    [row] = inbox_rows([Referral.objects.get(pk=referral.pk)], timezone.now())
    assert (row.state, row.is_open) == (("withdrawn", False) if is_withdrawn else ("open", True))
    assert f'<strong id="state">{row.state}</strong>' in page
