"""The policy of styles, scripts and all else a page may load: each directive of each surface, in full."""

import gzip
import re
from base64 import b64encode
from hashlib import sha256
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client
from django.utils.csp import build_policy

from analysts.models import User
from countries.models import Portal
from countries.public.views import PICTURE_CSP
from countries.staff.workspace.portal_approvals import request_state
from countries.words.sources import read_source_texts
from portal_site.middleware import build_public_policy
from tests.rig.fixtures import client_of

ROOT = Path(settings.BASE_DIR)
HEADER = "Content-Security-Policy"

# Written out, and not taken from the settings. A directive that is not listed falls back to `default-src`, but for
# the last three of each, which have no other value to fall back to.
PUBLIC = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'none'",
    "img-src": "'self'",
    "form-action": "'self'",
    "base-uri": "'none'",
    "frame-ancestors": "'none'",
}
STAFF = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self'",
    "font-src": "'self'",
    "connect-src": "'self'",
    "form-action": "'self'",
    "base-uri": "'none'",
    "frame-ancestors": "'none'",
}
# A draft of a public page inside the staff surface, and the page that frames it.
PREVIEW = PUBLIC | {"script-src": "'none'", "frame-ancestors": "'self'"}
FRAMES = STAFF | {"frame-src": "'self'"}
PICTURE = {"default-src": "'none'", "style-src": "'none'", "sandbox": ""}
# Pages that the web server answers itself: too large, out of order.
WEB_SERVER = {
    "default-src": "'none'",
    "base-uri": "'none'",
    "form-action": "'none'",
    "frame-ancestors": "'none'",
}


def parse_policy(policy: str) -> dict[str, str]:
    """Each directive's value; fails where one is written twice, of which browsers take the first."""
    pairs = [part.strip().partition(" ") for part in policy.split(";") if part.strip()]
    assert len({name for name, _, _ in pairs}) == len(pairs), policy
    return {name: value for name, _, value in pairs}


def policy_with_sheet(policy: dict[str, str], content: bytes) -> dict[str, str]:
    """The policy with the hash of the one sheet in a page, from the bytes that a browser gets."""
    sheets = re.findall(rb"<style>(.*?)</style>", content, re.DOTALL)
    hashes = [f"'sha256-{b64encode(sha256(sheet).digest()).decode()}'" for sheet in sheets]
    return policy | {"style-src": " ".join(hashes) or "'none'"}


@pytest.mark.parametrize("encoding", ["", "gzip"])
@pytest.mark.parametrize(
    ("path", "status"),
    [
        *[(path, 200) for path in ("/", "/bz/en/", "/bz/en/report/", "/bz/en/status/", "/statistics/")],
        *[("/bz/en/leave/", 200), ("/bz/", 302), ("/robots.txt", 200)],
        *[(path, 404) for path in ("/notice/en/x/", "/nowhere/", "/bz/en/nowhere/")],
    ],
)
def test_public_page_has_the_public_policy(belize: Portal, path: str, status: int, encoding: str) -> None:
    # The second answer comes from memory.
    for _ in range(2):
        answer = Client(headers={"accept-encoding": encoding}).get(path)
        is_compressed = answer.headers.get("Content-Encoding") == "gzip"
        content = gzip.decompress(answer.content) if is_compressed else answer.content
        assert answer.status_code == status
        is_page = status != 302 and answer.headers["Content-Type"].startswith("text/html")
        assert content.count(b"<style>") == (1 if is_page else 0)
        assert parse_policy(answer.headers[HEADER]) == policy_with_sheet(PUBLIC, content)
    assert "Content-Security-Policy-Report-Only" not in answer.headers


def test_policy_is_built_once_for_each_sheet(belize: Portal) -> None:
    Client().get("/bz/en/")
    built = build_public_policy.cache_info().misses
    assert HEADER in Client().get("/bz/en/").headers
    assert build_public_policy.cache_info().misses == built


@pytest.mark.parametrize("path", ["/accounts/login/", "/admin/", "/admin/queue/", "/admin/nowhere/", "/api/nowhere/"])
def test_staff_page_has_the_staff_policy(ana: User, path: str) -> None:
    for client in (Client(), client_of(ana)):
        answer = client.get(path)
        assert parse_policy(answer.headers[HEADER]) == STAFF, answer.status_code
        assert "Content-Security-Policy-Report-Only" not in answer.headers


def test_preview_has_policies_of_its_own(belize: Portal, olga: User) -> None:
    client, start = client_of(olga), f"/admin/countries/portal/{belize.pk}/preview/"
    assert parse_policy(client.get(start).headers[HEADER]) == FRAMES
    page = client.get(f"{start}live/bz/en/")
    assert parse_policy(page.headers[HEADER]) == policy_with_sheet(PREVIEW, page.content) != PREVIEW
    request = request_state(by=olga, portal=belize, verb="suspend", reason="A test.")
    assert parse_policy(client.get(f"/admin/approvals/{request.pk}/").headers[HEADER]) == FRAMES
    words = f"/admin/words/ur/{read_source_texts()[0].digest}/preview/"
    page = client.get(f"{words}start")
    assert parse_policy(page.headers[HEADER]) == policy_with_sheet(PREVIEW, page.content) != PREVIEW


def test_picture_and_pages_of_the_web_server_load_nothing() -> None:
    assert parse_policy(PICTURE_CSP) == PICTURE
    shipped = [
        policy
        for path in sorted((ROOT / "deploy/nginx").glob("*.conf"))
        for policy in re.findall(f'add_header {HEADER} "([^"]*)"', path.read_text())
    ]
    assert [parse_policy(policy) for policy in shipped] == [WEB_SERVER]


def test_settings_hold_no_second_policy() -> None:
    assert parse_policy(build_policy(settings.SECURE_CSP)) == STAFF
    assert not settings.SECURE_CSP_REPORT_ONLY


# Views with a policy of their own are listed above; a new one needs a row there.
OWN_POLICY = re.compile(r"^@csp_\w+|\[\"Content-Security-Policy[^\"]*\"\] =", re.MULTILINE)


def test_no_other_code_sets_a_policy() -> None:
    found = [
        path.relative_to(ROOT).as_posix()
        for app in ("audit", "countries", "reports", "analysts", "portal_site")
        for path in sorted((ROOT / app).rglob("*.py"))
        if "tests" not in path.parts
        for _ in OWN_POLICY.findall(path.read_text(encoding="utf-8"))
    ]
    assert found == [
        "countries/public/views.py",
        *["analysts/pages/approvals.py"] * 3,
        "portal_site/middleware.py",
        "portal_site/preview/frames.py",
    ]
