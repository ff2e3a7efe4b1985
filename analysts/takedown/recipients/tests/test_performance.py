"""Performance figures of recipients, compared with figures calculated by hand."""

import uuid
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from analysts.codes.recipient_kinds import ReferralKind
from analysts.models import Assessment, Incident, Notice, NoticeTemplate, Recipient, Referral, Reply, User
from analysts.takedown.recipients import performance
from analysts.tests.factories import assessed_illegal, incident_of
from countries.models import Portal
from reports.models import NoticeAnswer, NoticeLink
from reports.notices import AnswerKind

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)


@pytest.fixture
def verdict(belize: Portal, ana: User) -> Assessment:
    return assessed_illegal(incident_of(belize), ana)


def host(name: str = "Example Hosting", kind: str = "host") -> Recipient:
    return Recipient.objects.create(kind=kind, name=name, country="NL")


def create_notified_referral(
    to: Recipient,
    verdict: Assessment,
    *,
    hours: float | None = None,
    days_ago: float = 30,
    ended: bool = False,
    noticed: bool = True,
) -> None:
    """Create a referral notified `days_ago` and removed `hours` later (negative: earlier; None: not removed)."""
    at = NOW - timedelta(days=days_ago)
    Referral.objects.create(
        incident=verdict.incident,
        assessment=verdict,
        kind=ReferralKind.TAKEDOWN,
        recipient=str(uuid.uuid4()),
        to=to,
        by=verdict.by,
        at=at,
        noticed_at=at if noticed else None,
        removed_at=None if hours is None else at + timedelta(hours=hours),
        ended_at=at + timedelta(days=9) if ended else None,
    )


def sent(to: Recipient, *, days_ago: float, answers: tuple[AnswerKind, ...] = ()) -> Notice:
    at = NOW - timedelta(days=days_ago)
    template, _made = NoticeTemplate.objects.get_or_create(
        kind="host", language="en", defaults={"subject": "s", "body": "b", "at": at}
    )
    link = NoticeLink.objects.create(id=uuid.uuid4(), expires_on=NOW.date(), sealed=b"s")
    notice = Notice.objects.create(
        reference=str(uuid.uuid4())[:20],
        message_id=f"<{uuid.uuid4()}>",
        recipient=to,
        link=link,
        state="sent",
        template=template,
        made_at=at,
        scheduled_at=at,
        sent_at=at,
    )
    for number, kind in enumerate(answers, start=1):
        hour = at.replace(minute=0) + timedelta(hours=number)
        key = Incident.objects.exclude(key=None)[0].key
        assert key
        answer = NoticeAnswer.objects.create(
            link=link, received_at=hour, key=key, digest=bytes([number]) * 32, sealed=b"s"
        )
        action = "removed" if kind == AnswerKind.REMOVED else ""
        Reply.objects.create(answer=answer, notice=notice, kind=kind, action=action, received_at=hour)
    return notice


def test_history_counts_the_last_year_by_hand(verdict: Assessment) -> None:
    there, another = host(), host("Placeholder Networks")
    for hours in (1, 3, 5, 10, 101):
        create_notified_referral(there, verdict, hours=hours)
    create_notified_referral(there, verdict, hours=-2)
    create_notified_referral(there, verdict, hours=4, noticed=False)
    create_notified_referral(there, verdict)
    create_notified_referral(there, verdict, ended=True)
    # Not counted: older referrals, and those to other recipients.
    create_notified_referral(there, verdict, hours=9000, days_ago=366)
    create_notified_referral(another, verdict, hours=77)
    sent(there, days_ago=400, answers=(AnswerKind.CONTESTED,))
    sent(there, days_ago=30, answers=(AnswerKind.ACKNOWLEDGED, AnswerKind.REMOVED))
    sent(there, days_ago=20)
    sent(another, days_ago=1, answers=(AnswerKind.NOT_OURS,))

    found = performance.recipient_history(there, now=NOW)

    assert found.slow_hours is not None
    assert replace(found, slow_hours=round(found.slow_hours, 6)) == performance.RecipientHistory(
        notices=2,
        unanswered=1,
        notified=8,
        removed=5,
        gone_before=2,
        still_there=1,
        median_hours=5,
        # 90th percentile of 5 values: index (5 - 1) x 0.9 = 3.6, so six tenths of the way from 10 to 101.
        slow_hours=round(10 + 0.6 * 91, 6),
        last_answer=AnswerKind.REMOVED,
        last_answer_hour=NOW - timedelta(days=30) + timedelta(hours=2),
    )


def test_history_of_a_recipient_never_notified_is_empty(db: None) -> None:
    assert performance.recipient_history(host(), now=NOW) == performance.RecipientHistory(
        0, 0, 0, 0, 0, 0, None, None, None, None
    )


def test_history_is_found_by_its_indexes(verdict: Assessment) -> None:
    there, others = host(), [host(f"Host {number}") for number in range(20)]
    # With only a page or two of rows the planner would choose indexes arbitrarily.
    for to in (there, *others * 15):
        create_notified_referral(to, verdict, hours=1)
        sent(to, days_ago=1)

    with connection.cursor() as cursor:
        cursor.execute("ANALYZE analysts_referral, analysts_notice")
        cursor.execute("SET LOCAL enable_seqscan = off")
    with CaptureQueriesContext(connection) as queries:
        performance.recipient_history(there, now=NOW)

    assert len(queries) == 4
    plans = []
    for query in queries:
        with connection.cursor() as cursor:
            cursor.execute(f"EXPLAIN {query['sql']}")
            plans.append("\n".join(line for (line,) in cursor.fetchall()))
    # The planner may choose either index.
    assert "referral_of_recipient" in plans[0] or "referral_noticed" in plans[0]
    assert "referral_removed_unnoticed" in plans[1]
    assert "notice_of_recipient" in plans[2]
    assert "notice_of_recipient" in plans[3]


def test_league_ranks_by_how_long_half_of_it_stays(verdict: Assessment) -> None:
    quick, slow, never, new = (host(name) for name in ("Quick", "Slow", "Never", "New"))
    registrar = host("Registrar", "registrar")
    for hours in (1, 2, 30, -5):
        create_notified_referral(quick, verdict, hours=hours)
    for hours in (20, 50, 300):
        create_notified_referral(slow, verdict, hours=hours)
    create_notified_referral(never, verdict, hours=1)
    create_notified_referral(never, verdict)
    create_notified_referral(never, verdict)
    # Moved elsewhere.
    create_notified_referral(never, verdict, ended=True)
    create_notified_referral(new, verdict, hours=1)
    for _number in range(3):
        create_notified_referral(registrar, verdict, hours=1)
        create_notified_referral(new, verdict, hours=1, days_ago=400)

    with CaptureQueriesContext(connection) as queries:
        rows = list(performance.rank_providers(now=NOW))

    assert len(queries) == 1
    assert [(row["to__name"], row["notified"], row["removed"], row["still_there"], row["quick"]) for row in rows] == [
        ("Quick", 3, 3, 0, 2),
        ("Slow", 3, 3, 0, 1),
        ("Never", 3, 1, 2, 1),
    ]
    assert [row["half"] for row in rows] == [2, 50, float("inf")]
    assert [row["to__name"] for row in performance.rank_providers(now=NOW, slowest_first=True)] == [
        "Never",
        "Slow",
        "Quick",
    ]
