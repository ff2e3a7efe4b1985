"""The audit log in a real browser."""

from typing import Any

import pytest
from django.db import transaction
from playwright.sync_api import Browser

from analysts.models import User
from audit.actions import record_event
from tests.rig.browser import PHONE, axe_findings, fits_width, open_page

pytestmark = pytest.mark.django_db(transaction=True)

THREE_PAGES = 140


def test_list_of_several_pages_fits_a_phone(chromium: Browser, live_server: Any, axel: User, settings: Any) -> None:
    settings.ALLOWED_HOSTS = ["localhost"]
    with transaction.atomic():
        for _ in range(THREE_PAGES):
            record_event(by=None, action="incident.expire")
    page = open_page(chromium, live_server.url, axel, size=PHONE)
    page.goto("/admin/audit/auditevent/?p=2")

    assert page.locator(".paginator a").count() == 2
    assert (fits_width(page), axe_findings(page)) == (True, [])
