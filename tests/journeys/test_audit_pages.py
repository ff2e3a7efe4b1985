"""The audit log in a real browser."""

from typing import Any

import pytest
from django.db import transaction
from playwright.sync_api import Browser

from analysts.models import User
from audit.actions import record_event
from tests.rig.browser import PHONE, axe_findings, fits_width, open_page

pytestmark = pytest.mark.django_db(transaction=True)

# All of these pages are named below the list; of more than ten some are left out.
TEN_PAGES = 460


def test_list_of_ten_pages_fits_a_phone(chromium: Browser, live_server: Any, axel: User, settings: Any) -> None:
    settings.ALLOWED_HOSTS = ["localhost"]
    with transaction.atomic():
        for _ in range(TEN_PAGES):
            record_event(by=None, action="incident.expire")
    page = open_page(chromium, live_server.url, axel, size=PHONE)
    page.goto("/admin/audit/auditevent/")

    assert page.locator(".paginator a").count() == 10
    assert (fits_width(page), axe_findings(page)) == (True, [])
