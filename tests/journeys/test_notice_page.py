"""The page behind a notice's link, from a public server's own process, role and keys, without script."""

from collections.abc import Iterator

import psycopg
import pytest
from playwright.sync_api import Browser, Page, ViewportSize, expect

from portal_site.database import roles
from reports import notice_links, sealing
from reports.tests.notices import HOST, REFERENCE
from tests.rig.browser import DESK, PHONE, fits_width
from tests.rig.installation import Installation

WORDS = "Ask Example Networks, they rent it from us."


@pytest.fixture
def secret(installation: Installation) -> Iterator[bytes]:
    """The secret of a link as staff make one."""
    secret = b"secret of a test"
    credentials = notice_links.derive_link_credentials(secret)
    sealed = sealing.seal_json(
        {"reference": REFERENCE, "host": HOST, "language": "en"},
        to=credentials.key.public(),
        info=notice_links.link_info(credentials.link_id),
    )
    with installation.connect() as owner:
        owner.execute(
            "INSERT INTO reports_noticelink (id, expires_on, sealed) VALUES (%s, current_date + 30, %s)",
            [credentials.link_id, sealed],
        )
        yield secret
        owner.execute("DELETE FROM reports_noticeanswer WHERE link_id = %s", [credentials.link_id])
        owner.execute("DELETE FROM reports_noticelink WHERE id = %s", [credentials.link_id])


def count_answers(installation: Installation, secret: bytes) -> int:
    """Replies stored at the link of ``secret``."""
    link_id = notice_links.derive_link_credentials(secret).link_id
    query = "SELECT count(*) FROM reports_noticeanswer WHERE link_id = %s"
    with installation.connect() as owner:
        [count] = owner.execute(query, [link_id]).fetchone() or [0]
        return int(count)


def sent_by_keyboard(page: Page) -> None:
    """The fourth reply, words, and the button, by keyboard alone; what was decided is left open."""
    page.locator("input[type=radio]").first.focus()
    for _ in range(3):
        page.keyboard.press("ArrowDown")
    for _ in range(1 + page.locator("main form select").count()):
        page.keyboard.press("Tab")
    page.keyboard.insert_text(WORDS)
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")


@pytest.mark.parametrize(
    ("language", "direction", "viewport", "scheme"),
    [("en", "ltr", DESK, "light"), ("ar", "rtl", PHONE, "dark")],
)
def test_recipient_answers_without_script_or_cookie(
    chromium: Browser,
    installation: Installation,
    public_url: str,
    secret: bytes,
    language: str,
    direction: str,
    viewport: ViewportSize,
    scheme: str,
) -> None:
    context = chromium.new_context(
        base_url=public_url,
        java_script_enabled=False,
        viewport=viewport,
        color_scheme="dark" if scheme == "dark" else "light",
    )
    page = context.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    path = f"/notice/{language}/{notice_links.encode_secret(secret)}/"
    page.goto(path)

    expect(page.locator("html")).to_have_attribute("dir", direction)
    expect(page.locator("main")).to_contain_text(REFERENCE)
    expect(page.locator("main")).to_contain_text(HOST)
    page.locator("main form button").click()
    expect(page.locator(".summary")).to_be_visible()
    assert count_answers(installation, secret) == 0
    sent_by_keyboard(page)
    expect(page.locator("h1")).to_be_visible()
    expect(page.locator("main form")).to_have_count(0)
    assert count_answers(installation, secret) == 1
    # Back, and sent again: the same reply is stored once.
    page.goto(path)
    sent_by_keyboard(page)
    expect(page.locator("main form")).to_have_count(0)
    assert count_answers(installation, secret) == 1
    assert context.cookies() == []
    assert [url for url in asked if not url.startswith(public_url)] == []
    context.close()
    link = notice_links.encode_secret(secret).encode()
    assert [log.name for log in installation.folder.glob("*.log") if link in log.read_bytes()] == []


@pytest.mark.parametrize(("viewport", "language"), [(PHONE, "ur"), (DESK, "en")])
def test_page_fits(chromium: Browser, public_url: str, secret: bytes, viewport: ViewportSize, language: str) -> None:
    page = chromium.new_page(base_url=public_url, viewport=viewport)
    page.goto(f"/notice/{language}/{notice_links.encode_secret(secret)}/")
    assert fits_width(page)
    page.close()


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT * FROM reports_noticeanswer",
        "SELECT * FROM reports_noticelink",
        "UPDATE reports_noticeanswer SET taken_in = true",
        "DELETE FROM reports_noticeanswer",
        "INSERT INTO reports_noticelink (id, expires_on, sealed) VALUES (gen_random_uuid(), current_date, '')",
    ],
)
def test_stolen_public_server_reads_and_changes_no_answer(
    installation: Installation, secret: bytes, statement: str
) -> None:
    with installation.connect(roles.PUBLIC) as public, pytest.raises(psycopg.errors.InsufficientPrivilege):
        public.execute(statement)
