"""The status of a trusted flagger: whose it is, when it is in force, and which notices claim it."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.utils import timezone

from analysts.codes.recipient_kinds import REFERRED
from analysts.figures import rollups
from analysts.figures.returns import return_rows
from analysts.figures.snapshot import build_figures
from analysts.models import Notice, NoticeState, Recipient, RecipientKind, SenderIdentity, User
from analysts.takedown.legal import texts as legal_texts
from analysts.takedown.legal.senders import describe_status, flagging_sender
from analysts.takedown.notices import texts as notice_texts
from analysts.takedown.notices.rendering import render_letter
from analysts.takedown.notices.sending import begin_attempt, mark_sent
from analysts.tests.factories import incident_of, report_of
from analysts.tests.notices import gathering_for, host
from audit.models import AuditEvent
from countries.models import Portal
from tests.rig.fixtures import client_of

LIST = "/admin/analysts/senderidentity/"
DAY = timedelta(days=1)
AWARD = {
    "country": "DE",
    "coordinator": "Example Agency",
    "list_id": "TF-7",
    "area": "child sexual abuse material",
    "awarded_on": date(2026, 1, 5),
    "valid_from": date(2026, 2, 1),
}


def sender(olga: User, name: str = "Example Hotline gGmbH", **fields: Any) -> SenderIdentity:
    """`fields` with dates, or days from today."""
    now = timezone.now()
    dates = {field: now.date() + value for field, value in fields.items() if isinstance(value, timedelta)}
    return SenderIdentity.objects.create(name=name, by=olga, at=now, **{**AWARD, **fields, **dates})


@pytest.fixture
def notice(belize: Portal, ana: User) -> Notice:
    """A notice to a platform about one address."""
    host(by=ana, kind=RecipientKind.PLATFORM)
    item = gathering_for(incident_of(belize), ana)
    return Notice.objects.select_related("recipient").get(pk=item.notice_id)


# Dates as days from today: a run may begin on the day before.
STATUS = pytest.mark.parametrize(
    ("fields", "has_status"),
    [
        ({}, True),
        ({"valid_until": 0 * DAY}, True),
        ({"valid_until": -DAY}, False),
        ({"valid_from": DAY}, False),
        ({"suspended_from": 0 * DAY}, False),
        ({"suspended_from": DAY}, True),
        ({"suspended_from": -2 * DAY, "suspended_until": 0 * DAY}, False),
        ({"suspended_from": -2 * DAY, "suspended_until": -DAY}, True),
        (dict.fromkeys(("coordinator", "list_id", "area"), "") | {"awarded_on": None, "valid_from": None}, False),
    ],
)


@STATUS
def test_status_is_claimed_while_it_is_in_force(
    notice: Notice, olga: User, fields: dict[str, Any], has_status: bool
) -> None:
    row = sender(olga, **fields)
    assert flagging_sender(notice) == (row if has_status else None)


@pytest.mark.parametrize("kind", RecipientKind)
def test_status_is_claimed_towards_platforms_only(notice: Notice, olga: User, kind: RecipientKind) -> None:
    sender(olga)
    notice.recipient.kind = kind
    assert (flagging_sender(notice) is not None) == (kind == RecipientKind.PLATFORM)


def test_status_is_of_an_entity_that_signs_for_all_portals_of_the_letter(
    notice: Notice, olga: User, belize: Portal, zambia: Portal
) -> None:
    sender(olga, portals=[zambia.pk])
    assert flagging_sender(notice) is None
    later = sender(olga, version=2, portals=[zambia.pk, belize.pk])
    assert flagging_sender(notice) == later
    # The same address is reported in Zambia, too.
    report_of(zambia)
    assert flagging_sender(notice) == later
    sender(olga, version=3, portals=[belize.pk])
    assert flagging_sender(notice) is None


@pytest.mark.parametrize("language", ["en", "de", "pt-br", "xx"])
def test_status_names_the_entity_and_its_award(olga: User, language: str) -> None:
    status = describe_status(sender(olga), language)
    for part in ("Example Hotline gGmbH", "2026-01-05", "Example Agency", "TF-7", "child sexual abuse material", "22"):
        assert part in status


def test_letter_that_was_sent_keeps_its_status(notice: Notice, olga: User) -> None:
    row = sender(olga)
    notice_texts.load_shipped_texts()
    notice.template, notice.sender = notice_texts.latest_text("host", "first", "en"), row
    notice.state = NoticeState.SENT
    sender(olga, version=2, suspended_from=0 * DAY)
    assert flagging_sender(notice) == row
    notice.sender = None
    assert flagging_sender(notice) is None


CLAIM = "Example Hotline gGmbH sends this notice as a trusted flagger"


@pytest.mark.parametrize("is_further", [False, True])
@STATUS
def test_letter_claims_the_status_that_is_in_force_when_it_leaves(
    notice: Notice, olga: User, settings: Any, is_further: bool, fields: dict[str, Any], has_status: bool
) -> None:
    """At its first attempt, and at a further one since which the status changed; the notice says under which."""
    settings.PUBLIC_URL, settings.HOTLINE_MAILBOX = "https://report.example.org", "notices@example.org"
    notice_texts.load_shipped_texts()
    row = sender(olga, **({} if is_further else fields))
    attempt = begin_attempt(notice.pk, now=notice.scheduled_at)
    assert attempt is not None
    if is_further:
        assert (CLAIM in attempt.letter.body, Notice.objects.get().sender) == (True, row)
        sender(olga, version=2, **fields)
        assert Notice.objects.update(next_try_at=notice.scheduled_at) == 1
        attempt = begin_attempt(notice.pk, now=notice.scheduled_at)
        assert attempt is not None
    assert (CLAIM in attempt.letter.body) is has_status
    mark_sent(attempt.notice, attempt.letter, by=None, now=notice.scheduled_at)
    assert Notice.objects.get().sender == (row if has_status else None)
    sender(olga, version=3, suspended_from=0 * DAY)
    again = render_letter(Notice.objects.select_related("recipient", "link").get())
    assert (again.body, again.sender) == (attempt.letter.body, attempt.letter.sender)


def test_further_attempt_claims_no_status_that_was_awarded_meanwhile(notice: Notice, olga: User, settings: Any) -> None:
    settings.PUBLIC_URL, settings.HOTLINE_MAILBOX = "https://report.example.org", "notices@example.org"
    notice_texts.load_shipped_texts()
    assert begin_attempt(notice.pk, now=notice.scheduled_at) is not None
    sender(olga)
    assert flagging_sender(Notice.objects.select_related("recipient").get()) is None


@pytest.mark.parametrize("kind", REFERRED)
@pytest.mark.parametrize("has_status", [True, False])
def test_notice_that_claims_the_status_is_counted(
    notice: Notice, olga: User, settings: Any, kind: RecipientKind, has_status: bool
) -> None:
    """To platforms: the letter claims it, the notice says whose it was, and the returns count its addresses."""
    settings.PUBLIC_URL, settings.HOTLINE_MAILBOX = "https://report.example.org", "notices@example.org"
    notice_texts.load_shipped_texts()
    legal_texts.load_shipped()
    Recipient.objects.update(kind=kind)
    row = sender(olga, valid_until=None if has_status else -DAY)
    now = timezone.now()
    letter = render_letter(Notice.objects.select_related("recipient", "link").get())
    assert "child sexual abuse material (CSAM) – Convention on Cybercrime" in letter.body
    mark_sent(notice, letter, by=olga, now=now)
    is_claimed = has_status and kind == RecipientKind.PLATFORM
    assert (CLAIM in letter.body) == is_claimed
    assert Notice.objects.get().sender == (row if is_claimed else None)
    rollups.recount_all_days(last=now.date())
    figures = build_figures(str(now.year), {}, portals=[])
    numbers = {name: number for _period, name, _definition, number in return_rows(str(now.year), figures)}
    assert numbers["trusted_flagger_notices"] == str(int(is_claimed))


def test_change_is_a_new_version_and_an_old_one_is_not_changed(olga: User) -> None:
    client, row = client_of(olga), sender(olga)
    fields = {name: str(value) for name, value in AWARD.items()}
    page = f"{LIST}{row.pk}/change/"
    assert client.post(page, {**fields, "suspended_from": "2026-03-02"}).status_code == 302
    assert [(each.version, each.suspended_from) for each in SenderIdentity.objects.all()] == [
        (2, date(2026, 3, 2)),
        (1, None),
    ]
    changes = {"suspended_from": {"before": None, "after": "2026-03-02"}}
    assert AuditEvent.objects.get(action="sender.write").details == {"changes": changes}
    answer = client.post(page, {**fields, "area": "Typed again"})
    assert "This sender has a later version. Change that one." in answer.content.decode()
    assert "Typed again" in answer.content.decode()
    assert SenderIdentity.objects.count() == 2


def test_entity_outside_the_eu_has_no_status(olga: User) -> None:
    fields = {name: str(value) for name, value in AWARD.items()} | {"name": "Example Foundation", "country": "GB"}
    answer = client_of(olga).post(f"{LIST}add/", fields)
    assert "A trusted flagger is established in the EU" in answer.content.decode()
    assert not SenderIdentity.objects.exists()
