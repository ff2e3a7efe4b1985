"""A reporter's browser, its pages, and the opened envelopes of what it sent."""

import html
import re
from collections.abc import Mapping, Sequence
from http.cookies import SimpleCookie
from typing import Protocol
from urllib.parse import urlencode

from django.test import Client

from reports import keys, receipts, sealing
from reports.models import KeyClass, Submission


class Answer(Protocol):
    """The parts of a response that tests use."""

    content: bytes
    cookies: SimpleCookie
    status_code: int

    @property
    def headers(self) -> Mapping[str, str]: ...


type Fields = dict[str, str] | Sequence[tuple[str, str]]


def without_its_script(response: Answer) -> str:
    """The page without the one script that no page needs, for tests that count scripts."""
    tag = r'<script src="/static/public/public[.0-9a-f]*[.]js" defer></script>'
    page, found = re.subn(tag, "", response.content.decode())
    assert found == 1
    return page


def post(client: Client, path: str, fields: Fields | bytes) -> Answer:
    """Post as a browser does; bytes are sent as they are."""
    body = fields if isinstance(fields, bytes) else urlencode(fields).encode("ascii")
    return client.post(path, body, content_type="application/x-www-form-urlencoded")


def fresh_token(client: Client, path: str = "/bz/en/report/") -> str:
    return token_in(client.get(path))


def token_in(response: Answer) -> str:
    return found(r'name="token" value="([^"]*)"', response)


def receipt_in(response: Answer) -> str:
    """The canonical code on a page."""
    return receipts.parse_code(found(r'id="receipt"[^>]*>([^<]+)<', response))


def state_in(response: Answer) -> list[str]:
    return re.findall(r"<p>(.*?)</p>", found(r'id="state">(.*?)</div>', response))


def kept_text(response: Answer, name: str) -> str:
    """The text that a browser would show in the textarea `name`."""
    return found(rf'<textarea name="{name}"[^>]*>\n(.*?)</textarea>', response)


def title_of(response: Answer) -> str:
    """The title as a browser shows it."""
    return " ".join(found(r"<title>([^<]*)<", response).split())


def errors_in(response: Answer) -> list[str]:
    """The error summary, one entry a line."""
    page = response.content.decode()
    if 'class="summary"' not in page:
        return []
    summary = page.split('class="summary"')[1].split("</ul>")[0]
    return [html.unescape(re.sub(r"<[^>]+>", "", line)) for line in re.findall(r"<li>(.*?)</li>", summary)]


def found(pattern: str, response: Answer) -> str:
    match = re.search(pattern, response.content.decode(), re.DOTALL)
    assert match is not None, pattern
    return html.unescape(match[1])


def opened(code: str) -> list[tuple[str, dict[str, sealing.JSON]]]:
    """(kind, payload) of every envelope under a receipt, as the staff side opens them."""
    receipt_id = receipts.derive_credentials(code).receipt_id
    return sorted(
        ((submission.kind, _payload(submission)) for submission in Submission.objects.filter(receipt_id=receipt_id)),
        key=str,
    )


def _payload(submission: Submission) -> dict[str, sealing.JSON]:
    info = sealing.build_info(
        key_class=KeyClass.WORDS,
        portal=str(submission.portal_id),
        receipt=submission.receipt_id,
        kind=submission.kind,
    )
    return sealing.unseal_json(bytes(submission.sealed), by=keys.private_key(submission.key_id), info=info)
