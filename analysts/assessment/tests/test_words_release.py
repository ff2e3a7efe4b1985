"""Release of a reporter's words: by default none, by two people, and what the database refuses."""

import re
from datetime import date, timedelta
from typing import Any, cast
from uuid import uuid4

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.utils import timezone, translation

from analysts.assessment.words_release.actions import decide_words_release, propose_words_release
from analysts.assessment.words_release.forms import ProposeRelease
from analysts.assessment.words_release.permissions import READERS
from analysts.assessment.words_release.sentences import is_part_of
from analysts.codes import Role
from analysts.codes.letter_topics import WithdrawReason
from analysts.codes.recipient_kinds import ReferralKind
from analysts.incidents import contents
from analysts.models import (
    Incident,
    Recipient,
    RecipientKind,
    Referral,
    ReleaseGround,
    Report,
    User,
    WordsRelease,
)
from analysts.pages.tests.test_incident_page import reveal, shown, url
from analysts.tests.factories import assessed_illegal, report_of
from analysts.tests.inboxes import inbox_of
from analysts.tests.notices import host
from audit.models import AuditEvent
from audit.permissions import Denied
from countries.models import Portal
from countries.public import published
from countries.staff.document.portal_document import document_of
from countries.staff.requests.approvals import approve_request
from countries.staff.workspace.portal_approvals import PORTAL_WORDS, request_words
from reports.forms import Tick
from tests.rig.fixtures import ReporterClient, client_of, create_person

STORY = "He lives in Placeholder Road. He says that he meets the child on Friday. Call +501 610 4321 now."
SENTENCE = "He says that he meets the child on Friday."
LIFE = [ground for ground in ReleaseGround if ground != ReleaseGround.PORTAL]


def announce(portal: Portal, day: date) -> None:
    """As if operators had switched it on before that day."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE countries_portal DISABLE TRIGGER portal_words_release_ahead")
        Portal.objects.filter(pk=portal.pk).update(words_release_from=day)
        cursor.execute("ALTER TABLE countries_portal ENABLE TRIGGER portal_words_release_ahead")


@pytest.fixture
def report(belize: Portal) -> Report:
    return report_of(belize, "https://example.org/gallery", details={"description": STORY, "facts": list(Tick.values)})


@pytest.fixture
def incident(report: Report) -> Incident:
    return Incident.objects.get(sightings__report=report)


@pytest.fixture
def police(sena: User) -> Recipient:
    return host("Example Police", by=sena, kind=RecipientKind.POLICE)


def propose(report: Report, by: User, to: Recipient, sentence: str = SENTENCE, **changes: Any) -> WordsRelease:
    incident = Incident.objects.get(sightings__report=report)
    values: dict[str, Any] = {
        "by": by,
        "incident": incident,
        "to": to,
        "sentence": sentence,
        "ground": ReleaseGround.THREAT,
    }
    return propose_words_release(report=Report.objects.get(pk=report.pk), **values | changes)


def texts_for(to: Recipient) -> list[str]:
    return [text for release in WordsRelease.objects.released_to(to) if (text := contents.inbox_words(release))]


def test_two_people_release_a_sentence(
    report: Report, incident: Incident, ana: User, sena: User, police: Recipient
) -> None:
    release = propose(report, ana, police)
    assert texts_for(police) == []
    with pytest.raises(Denied, match="Another person"):
        decide_words_release(by=ana, incident=incident, release=release, releases=True)
    assert texts_for(police) == []

    decide_words_release(by=sena, incident=incident, release=release, releases=True)

    assert texts_for(police) == [SENTENCE]
    assert texts_for(host("Other Police", by=ana, kind=RecipientKind.POLICE)) == []
    recorded = AuditEvent.objects.filter(action__endswith="_words_release").order_by("number")
    assert [(event.action, event.actor) for event in recorded] == [
        ("incident.propose_words_release", "ana"),
        ("incident.decide_words_release", "sena"),
    ]
    assert "Friday" not in str([event.details for event in recorded])


def test_declined_sentence_is_never_released(
    report: Report, incident: Incident, ana: User, sena: User, police: Recipient
) -> None:
    release = propose(report, ana, police)
    decide_words_release(by=sena, incident=incident, release=release, releases=False)
    with pytest.raises(Denied, match="already"):
        decide_words_release(by=sena, incident=incident, release=release, releases=True)
    assert texts_for(police) == []


@pytest.mark.parametrize(
    ("days", "may"), [(None, False), (1, False), (0, True), (-30, True)], ids=["never", "later", "same day", "before"]
)
def test_portal_ground_covers_reports_from_the_announced_day_on(
    report: Report, belize: Portal, ana: User, police: Recipient, days: int | None, may: bool
) -> None:
    if days is not None:
        announce(belize, report.received_hour.date() + timedelta(days=days))
    if may:
        assert propose(report, ana, police, ground=ReleaseGround.PORTAL).decided_at is None
    else:
        with pytest.raises(Denied, match="did not announce"):
            propose(report, ana, police, ground=ReleaseGround.PORTAL)


def test_nothing_is_released_once_the_portal_takes_it_back(
    report: Report, incident: Incident, belize: Portal, ana: User, sena: User, police: Recipient
) -> None:
    announce(belize, report.received_hour.date())
    release = propose(report, ana, police, ground=ReleaseGround.PORTAL)
    Portal.objects.update(words_release_from=None)
    with pytest.raises(Denied, match="did not announce"):
        decide_words_release(by=sena, incident=incident, release=release, releases=True)
    with pytest.raises(IntegrityError, match="not announced"), transaction.atomic():
        WordsRelease.objects.update(is_released=True, decided_by=sena, decided_at=timezone.now())


@pytest.mark.parametrize("ground", LIFE)
def test_danger_to_life_needs_no_announcement(
    report: Report, ana: User, police: Recipient, ground: ReleaseGround
) -> None:
    assert propose(report, ana, police, ground=ground).ground == ground


def test_forces_that_have_the_case_are_offered_first(
    incident: Incident, ana: User, sena: User, police: Recipient
) -> None:
    """A sentence about a child in one country must not go to a force of another by a slip."""
    alerted = host("Zone Police", by=sena, kind=RecipientKind.POLICE, country="ZM")
    withdrawn = host("Former Police", by=sena, kind=RecipientKind.POLICE, country="BZ")
    assessment = assessed_illegal(incident, ana)
    for to in (alerted, withdrawn):
        Referral.objects.create(
            incident=incident,
            assessment=assessment,
            kind=ReferralKind.POLICE,
            recipient=to.name,
            to=to,
            by=ana,
            at=timezone.now(),
        )
    Referral.objects.filter(to=withdrawn).update(
        withdrawn_reason=WithdrawReason.RECIPIENT, withdrawn_by=ana, ended_at=timezone.now()
    )

    def labels() -> list[str]:
        return [label for _value, label in cast(Any, ProposeRelease(incident=incident).fields["to"]).choices][1:]

    no_inbox = "no officer has an open inbox to read it in"
    assert labels() == [
        f"Zone Police, Zambia (has this case; {no_inbox})",
        f"Example Police (does not have this case; {no_inbox})",
        f"Former Police, Belize (does not have this case; {no_inbox})",
    ]
    for recipient in (alerted, police, withdrawn):
        inbox_of(recipient, by=sena)
    assert labels() == [
        "Zone Police, Zambia (has this case)",
        "Example Police (does not have this case)",
        "Former Police, Belize (does not have this case)",
    ]


@pytest.mark.parametrize("kind", RecipientKind)
def test_only_verified_police_read_words(report: Report, ana: User, sena: User, kind: RecipientKind) -> None:
    to = host("Example Office", by=sena, kind=kind)
    if kind in READERS:
        assert propose(report, ana, to).to == to
        Recipient.objects.filter(pk=to.pk).update(email="other@example.net")
    with pytest.raises(Denied, match="verified police"):
        propose(report, ana, to)
    assert {*READERS} == {RecipientKind.POLICE}


@pytest.mark.parametrize(
    ("text", "is_part"),
    [
        ("He meets the child on Friday.", True),
        ("He meets […] on Friday.", True),
        ("[…] meets the child […]", True),
        ("He  meets\nthe child on Friday.", True),
        ("meets the child on Friday.", False),
        ("He meets the child", False),
        ("He meets no child on Friday.", False),
        ("[…] Friday […] child […]", False),
        ("He meets the child on Friday. He does.", False),
    ],
)
def test_text_is_a_sentence_with_parts_left_out(text: str, is_part: bool) -> None:
    assert is_part_of(text, "He meets the child on Friday.") is is_part


@pytest.mark.parametrize(
    "text",
    [
        "He says that he hurts the child.",
        STORY,
        "",
        "[…]",
        "Call +501 610 4321 now.",
        *(str(tick.label) for tick in Tick),
    ],
)
def test_only_a_sentence_without_numbers_and_addresses_is_proposed(
    report: Report, ana: User, police: Recipient, text: str
) -> None:
    with pytest.raises(Denied):
        propose(report, ana, police, text)
    assert not WordsRelease.objects.exists()


def test_colleague_of_another_portal_cannot_release(report: Report, ben: User, police: Recipient) -> None:
    with pytest.raises(Denied):
        propose(report, ben, police)


def test_database_refuses_one_person_and_changes(report: Report, ana: User, sena: User, police: Recipient) -> None:
    release = propose(report, ana, police)
    with pytest.raises(IntegrityError, match="words_release_by_two_people"), transaction.atomic():
        WordsRelease.objects.update(is_released=True, decided_by=ana, decided_at=timezone.now())
    other = host("Other Police", by=sena, kind=RecipientKind.POLICE)
    for changes in ({"to": other}, {"by": sena}, {"ground": ReleaseGround.MEDICAL}):
        with pytest.raises(IntegrityError, match="never changed"), transaction.atomic():
            WordsRelease.objects.filter(pk=release.pk).update(**changes)
    release.pk, release.ground = uuid4(), ReleaseGround.PORTAL
    with pytest.raises(IntegrityError, match="not announced"), transaction.atomic():
        release.save(force_insert=True)


def test_page_proposes_and_decides_where_the_incident_is_revealed(
    report: Report, incident: Incident, ana: User, sena: User, police: Recipient
) -> None:
    client, act = client_of(ana), url(incident, f"release-words/{report.pk}")
    assert client.post(act, {}).status_code == 403
    assert "Release of words" not in shown(client.get(url(incident)))
    page = reveal(client, incident)
    assert "Release of words" in shown(page)
    assert 'name="sentence"' not in page.content.decode()
    assert 'name="sentence"' in client.post(act, {}).content.decode()
    refused = client.post(act, {"sentence": "Not there.", "to": police.pk, "ground": "threat"})
    assert refused.status_code == 403
    assert "Not there." in refused.content.decode()
    client.post(act, {"sentence": SENTENCE, "to": police.pk, "ground": "threat"})
    release = WordsRelease.objects.get()

    senior = client_of(sena)
    page = reveal(senior, incident)
    assert "Proposed by ana" in shown(page)
    decided = senior.post(url(incident, "decide-release"), {"release": release.pk, "outcome": "released"}, follow=True)
    assert "Released by sena" in shown(decided)
    assert texts_for(police) == [SENTENCE]


def test_day_must_be_ahead_when_it_is_switched_on(belize: Portal) -> None:
    today = timezone.localdate()
    for day in (today, today - timedelta(days=1)):
        belize.words_release_from = day
        with pytest.raises(ValidationError, match="day ahead"):
            belize.full_clean()
        with pytest.raises(IntegrityError, match="day ahead"), transaction.atomic():
            Portal.objects.update(words_release_from=day)
        with pytest.raises(IntegrityError, match="day ahead"), transaction.atomic():
            Portal.objects.create(slug="xx", name="Other", words_release_from=day)
    belize.words_release_from = today + timedelta(days=1)
    belize.full_clean()
    belize.save()
    announce(belize, today)
    stored = Portal.objects.get(pk=belize.pk)
    stored.full_clean()
    stored.name = "Renamed"
    stored.save()


@pytest.mark.parametrize("language", ["en", "ar", "es", "fr", "hi", "pt", "sw", "ur"])
def test_privacy_page_and_form_say_so_in_every_language(
    belize: Portal, zambia: Portal, visitor: ReporterClient, language: str
) -> None:
    for portal in (belize, zambia):
        portal.texts.get_or_create(language=language, defaults={"title": "Portal", "position": 9})
    Portal.objects.filter(pk=belize.pk).update(words_release_from=timezone.localdate() + timedelta(days=30))
    published.clear_cache()
    with translation.override(language):
        sentence = published.portals_by_slug()["bz"].release_sentence()
    if language != "en":
        assert not re.search(r"[Aa]nalysts", sentence)
    for page in ("privacy", "report"):
        assert sentence in visitor.get(f"/bz/{language}/{page}/").content.decode()
        assert 'id="words-release"' not in visitor.get(f"/zm/{language}/{page}/").content.decode()


def test_second_operator_approves_the_day_of_a_live_portal(belize: Portal, olga: User) -> None:
    otto, now = create_person("otto", Role.OPERATOR), timezone.now()
    document = {**document_of(belize), "words_release_from": str(timezone.localdate() + timedelta(days=1))}
    request = request_words(by=olga, portal=belize, document=document, reason="Agreed with the police.", now=now)
    assert Portal.objects.get(pk=belize.pk).words_release_from is None
    approve_request(PORTAL_WORDS, by=otto, request=request)
    assert Portal.objects.get(pk=belize.pk).words_release_from == timezone.localdate() + timedelta(days=1)
