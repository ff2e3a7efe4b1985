"""An inbox in use: mails without content, addresses by a second factor and on record, answers that staff read."""

from datetime import timedelta
from typing import Any

import pytest
from allauth.account.internal.flows.login import AUTHENTICATION_METHODS_SESSION_KEY
from allauth.mfa.totp.internal.auth import TOTP
from django.test import Client
from django.utils import timezone

from analysts.accounts.tests.test_sign_in import SECRET, code_now
from analysts.models import DropReason, Exposure, Incident, Notice, Recipient, RecipientAccess, Referral, Reply, User
from analysts.takedown.inbox.inbox_access import suspend_access
from analysts.takedown.notices import post, rendering
from analysts.tests.factories import incident_of
from analysts.tests.inboxes import referred_to
from audit.models import AuditEvent
from countries.models import Portal
from reports.addresses import defang_address
from tests.rig.fixtures import client_of

pytestmark = pytest.mark.django_db

HOST = "placeholder-host.example.org"


@pytest.fixture
def sent(police: Recipient, belize: Portal, ana: User) -> tuple[Referral, Notice]:
    return referred_to(police, incident_of(belize, f"https://{HOST}/gallery"), by=ana)


def page_of(referral: Referral) -> str:
    return f"/admin/inbox/{referral.pk}/"


def test_mail_to_an_open_inbox_carries_a_count_and_a_link_only(
    sent: tuple[Referral, Notice], access: RecipientAccess, adam: User
) -> None:
    _referral, notice = sent
    letter, now = rendering.render_letter(notice), timezone.now()
    mail = post.build_message(notice, letter, now=now)
    assert "1 reference in your inbox is new or has news." in mail.body
    assert "https://staff.hotline.example/accounts/login/" in mail.body
    assert (mail.attachments, mail.to) == ([], [notice.recipient.email])
    text = mail.message().as_string()
    assert [part for part in (HOST, "example[.]org", notice.reference, letter.subject) if part in text] == []
    # Without an open inbox the letter itself is sent: no letter is lost.
    for later, is_suspended in ((timedelta(days=92), False), (timedelta(0), True)):
        if is_suspended:
            suspend_access(by=adam, access=access)
        assert post.build_message(notice, letter, now=now + later).attachments != []


def test_address_opens_after_a_fresh_second_factor_and_is_on_record(
    sent: tuple[Referral, Notice], access: RecipientAccess
) -> None:
    referral, notice = sent
    TOTP.activate(access.user, SECRET)
    client = client_of(User.objects.get(pk=access.user.pk))
    assert HOST not in client.get(page_of(referral)).content.decode()
    # Signed in by password a moment ago: that is not enough.
    refusal = client.post(f"{page_of(referral)}open/")
    assert refusal.headers["Location"].startswith("/accounts/mfa/reauthenticate/?")
    assert not AuditEvent.objects.filter(action="inbox.reveal").exists()
    opened = client.post(refusal.headers["Location"], {"code": code_now()})
    assert opened.status_code == 200
    page = opened.content.decode()
    assert defang_address(f"https://{HOST}/gallery") in page
    assert 'href="hxxp' not in page
    event = AuditEvent.objects.get(action="inbox.reveal")
    assert (event.actor, event.object_id) == (access.user.username, str(referral.incident_id))
    assert event.details == {"reference": notice.reference, "sentences": 0}
    assert Exposure.objects.get(user=access.user).addresses_read == 1
    # After a few minutes it is asked again.
    _age_records(client, minutes=6)
    assert client.post(f"{page_of(referral)}open/").status_code == 302


def _age_records(client: Client, *, minutes: int) -> None:
    session = client.session
    records = session[AUTHENTICATION_METHODS_SESSION_KEY]
    session[AUTHENTICATION_METHODS_SESSION_KEY] = [{**each, "at": each["at"] - 60 * minutes} for each in records]
    session.save()


def test_many_opened_addresses_raise_the_alarm_that_names_the_account(
    police: Recipient, access: RecipientAccess, belize: Portal, ana: User, axel: User, settings: Any
) -> None:
    settings.REVEALS_A_DAY = 1
    client = client_of(User.objects.get(pk=access.user.pk))
    for name in "ab":
        referral, _notice = referred_to(police, incident_of(belize, f"https://{name}.example.org/1"), by=ana)
        assert client.post(f"{page_of(referral)}open/").status_code == 200
    assert AuditEvent.objects.filter(action="welfare.unusual_reading", actor=access.user.username).count() == 1
    assert access.user.username in client_of(axel).get("/admin/").content.decode()


def test_erased_address_says_so_and_leaves_no_event(sent: tuple[Referral, Notice], access: RecipientAccess) -> None:
    referral, notice = sent
    notice.items.update(sealed=b"", key=None)
    page = client_of(access.user).post(f"{page_of(referral)}open/", follow=True).content.decode()
    assert "This address has been erased." in page
    assert not AuditEvent.objects.filter(action="inbox.reveal").exists()


def test_answer_is_theirs_and_waits_for_staff_to_read_it(
    sent: tuple[Referral, Notice], access: RecipientAccess, ana: User
) -> None:
    referral, notice = sent
    client = client_of(access.user)
    empty = client.post(f"{page_of(referral)}answer/", {"kind": "need_more", "text": ""})
    assert (empty.status_code, "Please write what you need from us." in empty.content.decode()) == (422, True)
    words = {"kind": "need_more", "text": "Which of the two pages is it?"}
    assert client.post(f"{page_of(referral)}answer/", words).status_code == 302
    again = client.post(f"{page_of(referral)}answer/", words)
    assert (again.status_code, "already recorded" in again.content.decode()) == (409, True)
    reply = Reply.objects.get()
    assert (reply.notice, reply.entered_by, reply.read_at) == (notice, access.user, None)
    event = AuditEvent.objects.get(action="notice.answered")
    assert event.actor == access.user.username
    assert "We need more from you." in client.get("/admin/inbox/").content.decode()
    incident = Incident.objects.get(pk=referral.incident_id)
    assert access.user.username in client_of(ana).get(f"/admin/notices/{notice.pk}/").content.decode()
    assert incident.pk == referral.incident_id


def test_dashboard_leads_to_the_inbox_whose_states_all_have_a_way_on(
    police: Recipient, access: RecipientAccess
) -> None:
    client = client_of(access.user)
    assert client.get("/admin/").headers["Location"] == "/admin/inbox/"
    assert "Nothing has been referred to you yet." in client.get("/admin/inbox/").content.decode()
    assert "Nothing in your inbox has this" in client.get("/admin/inbox/", {"q": "\u202ex"}).content.decode()
    RecipientAccess.objects.update(confirmed_on=timezone.now().date() - timedelta(days=92))
    assert "Your inbox is not open" in client.get("/admin/inbox/").content.decode()
    refused = client.post("/admin/inbox/export/")
    assert (refused.status_code, "Your inbox is not open" in refused.content.decode()) == (422, True)
    assert "/admin/inbox/" in client.get("/admin/exports/").content.decode()


def test_referral_without_a_letter_has_a_link_with_words(
    access: RecipientAccess, sent: tuple[Referral, Notice]
) -> None:
    """The police were informed by telephone: no letter has a reference."""
    referral, _letter = sent
    referral.items.update(dropped=DropReason.ENDED)
    page = client_of(access.user).get("/admin/inbox/").content.decode()
    assert f'href="{page_of(referral)}" data-row>without a letter</a>' in page
