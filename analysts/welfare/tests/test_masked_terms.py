"""The list of masked words: who maintains it, and that its words do not appear anywhere else."""

import re
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.utils import timezone

from analysts.models import User, VeiledTerm
from audit.models import AuditEvent
from tests.rig.fixtures import client_of

LIST = "/admin/analysts/veiledterm/"


@pytest.mark.parametrize("who", ["willa", "sena"])
def test_words_are_added_changed_and_taken_off_on_record(who: str, request: pytest.FixtureRequest) -> None:
    user: User = request.getfixturevalue(who)
    client = client_of(user)
    pages = [client.post(f"{LIST}add/", {"text": " placeholder "}, follow=True)]
    term = VeiledTerm.objects.get()
    assert (term.text, term.by) == ("placeholder", user)
    pages.append(client.post(f"{LIST}{term.pk}/change/", {"text": "placeholders"}, follow=True))
    assert VeiledTerm.objects.get().text == "placeholders"
    pages += [client.get(f"{LIST}{term.pk}/{page}/") for page in ("change", "history", "delete")]
    pages.append(client.post(f"{LIST}{term.pk}/delete/", {"post": "yes"}, follow=True))
    assert not VeiledTerm.objects.exists()

    for page in pages:
        assert "placeholder" not in title(page)
        assert "placeholder" not in " ".join(re.findall(r'<li class="(?:success|info)">(.*?)</li>', source(page)))
    assert not LogEntry.objects.exists()
    events = AuditEvent.objects.filter(action__startswith="veiled.").order_by("number")
    assert [(event.action, event.object_id, event.details) for event in events] == [
        ("veiled.add", str(term.pk), {}),
        ("veiled.change", str(term.pk), {}),
        ("veiled.delete", str(term.pk), {}),
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
    VeiledTerm.objects.create(text="placeholder", by=willa, at=timezone.now())
    assert client_of(willa).post(f"{LIST}add/", {"text": "placeholder"}).status_code == 200
    assert VeiledTerm.objects.count() == 1
