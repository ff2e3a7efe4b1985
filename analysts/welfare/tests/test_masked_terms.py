"""The list of masked words: who maintains it, and that its words do not appear anywhere else."""

import re
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.utils import timezone

from analysts.models import MaskedTerm, User
from audit.models import AuditEvent
from tests.rig.fixtures import client_of

LIST = "/admin/analysts/maskedterm/"


@pytest.mark.parametrize("who", ["willa", "sena"])
def test_words_are_added_changed_and_taken_off_on_record(who: str, request: pytest.FixtureRequest) -> None:
    user: User = request.getfixturevalue(who)
    client = client_of(user)
    pages = [client.post(f"{LIST}add/", {"text": " placeholder "}, follow=True)]
    term = MaskedTerm.objects.get()
    assert (term.text, term.by) == ("placeholder", user)
    pages.append(client.post(f"{LIST}{term.pk}/change/", {"text": "placeholders"}, follow=True))
    assert MaskedTerm.objects.get().text == "placeholders"
    pages += [client.get(f"{LIST}{term.pk}/{page}/") for page in ("change", "history", "delete")]
    pages.append(client.post(f"{LIST}{term.pk}/delete/", {"post": "yes"}, follow=True))
    assert not MaskedTerm.objects.exists()

    for page in pages:
        assert "placeholder" not in title(page)
        assert "placeholder" not in " ".join(re.findall(r'<li class="(?:success|info)">(.*?)</li>', source(page)))
    assert not LogEntry.objects.exists()
    events = AuditEvent.objects.filter(action__startswith="masked_term.").order_by("number")
    assert [(event.action, event.object_id, event.details) for event in events] == [
        ("masked_term.add", str(term.pk), {}),
        ("masked_term.change", str(term.pk), {}),
        ("masked_term.delete", str(term.pk), {}),
    ]


def title(page: Any) -> str:
    [found] = re.findall(r"<title>(.*?)</title>", source(page), re.DOTALL)
    return str(found)


def source(page: Any) -> str:
    return str(page.content.decode())


@pytest.mark.parametrize(
    ("text", "status"), [("ab", 200), ("\u0301\u0301\u0301\u0301", 302), ("例文", 302), ("abc", 302)]
)
def test_word_that_would_blank_everything_is_refused(willa: User, text: str, status: int) -> None:
    assert client_of(willa).post(f"{LIST}add/", {"text": text}).status_code == status


def test_same_word_is_there_once(willa: User) -> None:
    MaskedTerm.objects.create(text="placeholder", by=willa, at=timezone.now())
    assert client_of(willa).post(f"{LIST}add/", {"text": "placeholder"}).status_code == 200
    assert MaskedTerm.objects.count() == 1
