"""Which mail says that a machine wrote it: each purpose of a letter, and each other mail of the product."""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import pytest
from django.core.mail import EmailMessage

from analysts.accounts import alarms
from analysts.models import AlarmKind, Notice, Purpose, Recipient, User
from analysts.operations.mail_check import send_test_message
from analysts.takedown.notices.post import build_message
from analysts.takedown.notices.rendering import Letter

NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
ROOT = Path(__file__).resolve().parents[4]
MAILBOX = "desk@hotline.example"


def _order_test_message(ana: User) -> None:
    send_test_message(user_id=ana.pk)


def _raise_alarm(_ana: User) -> None:
    alarms.raise_alarm(AlarmKind.VOLUME, to=["duty@example.org"], now=NOON)
    writers: Any = {AlarmKind.VOLUME: lambda: alarms.AlarmMail("3", to=["duty@example.org"])}
    assert alarms.send_due_alarms(writers, now=NOON) == 1


MACHINES: dict[str, Callable[[User], None]] = {"alarm": _raise_alarm, "test message": _order_test_message}


@pytest.mark.django_db
@pytest.mark.parametrize("purpose", Purpose)
def test_letter_says_that_it_is_automatic_only_if_a_clock_sends_it(purpose: Purpose, settings: Any) -> None:
    settings.HOTLINE_MAILBOX = MAILBOX
    notice = Notice(purpose=purpose, message_id="<1@example.org>", recipient=Recipient(email="abuse@example.net"))
    letter = Mock(
        spec=Letter, subject="Subject", body="Body", file_name="RP.csv", attachment=b"a", case_file=(), items=()
    )
    headers = build_message(notice, letter, now=NOON).message()

    assert headers["Auto-Submitted"] == ("auto-generated" if purpose.row.is_automatic else None)
    assert (headers["Message-ID"], headers["Reply-To"]) == (notice.message_id, MAILBOX)


def test_reminders_alone_are_automatic() -> None:
    assert [purpose for purpose in Purpose if purpose.row.is_automatic] == [Purpose.AGAIN]


@pytest.mark.parametrize("machine", MACHINES)
def test_mail_without_an_author_says_so(machine: str, ana: User, mailoutbox: list[EmailMessage]) -> None:
    ana.email = "ana@example.org"
    ana.save(update_fields=["email"])
    MACHINES[machine](ana)
    [mail] = mailoutbox

    assert mail.message()["Auto-Submitted"] == "auto-generated"


def test_product_has_no_other_mail() -> None:
    """Mail is built in two places, which decide about its headers."""
    product = [
        path
        for app in ("analysts", "audit", "countries", "portal_site", "reports")
        for path in (ROOT / app).rglob("*.py")
    ]
    builders = {
        str(path.relative_to(ROOT))
        for path in product
        if "tests" not in path.parts
        and re.search(r"\b(EmailMessage|FeedbackMail|EmailMultiAlternatives|send_mail|mail_admins)\(", path.read_text())
    }
    assert builders == {
        "analysts/accounts/sign_in/adapters.py",
        "analysts/takedown/notices/machine_reports/mail.py",
        "analysts/takedown/notices/post.py",
        "countries/automatic_mail.py",
    }
