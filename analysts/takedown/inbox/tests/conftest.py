"""A police force with an inbox, and the hotline's addresses."""

from typing import Any

import pytest

from analysts.models import Recipient, RecipientAccess, User
from analysts.tests.inboxes import inbox_of, unit


@pytest.fixture(autouse=True)
def _urls(settings: Any) -> None:
    settings.PUBLIC_URL, settings.STAFF_URL = "https://report.hotline.example", "https://staff.hotline.example"


@pytest.fixture
def police(ana: User) -> Recipient:
    return unit("Example Police", by=ana)


@pytest.fixture
def access(police: Recipient, adam: User) -> RecipientAccess:
    return inbox_of(police, by=adam)
