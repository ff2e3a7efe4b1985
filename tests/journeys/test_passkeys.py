"""Passkeys in a real browser, with a virtual authenticator of Chromium's: set up, used, removed."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, CDPSession, Page, expect

from tests.rig.browser import DESK, BrowserWatch, axe_findings
from tests.rig.installation import Installation


@pytest.fixture
def site(staff_url: str) -> str:
    """The site by host name: a passkey belongs to a host name, never to an IP address."""
    return staff_url.replace("127.0.0.1", "localhost")


@pytest.fixture
def desk(chromium: Browser, site: str) -> Iterator[tuple[Page, BrowserWatch, CDPSession]]:
    context = chromium.new_context(viewport=DESK, base_url=site)
    watch = BrowserWatch(context, site)
    page = context.new_page()
    session = context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    yield page, watch, session
    context.close()


def plug_in(session: CDPSession, *, resident: bool) -> None:
    """A security key, or with `resident` one that can hold passkeys and knows its owner."""
    session.send(
        "WebAuthn.addVirtualAuthenticator",
        {
            "options": {
                "protocol": "ctap2",
                "transport": "internal" if resident else "usb",
                "hasResidentKey": resident,
                "hasUserVerification": resident,
                "isUserVerified": resident,
                "automaticPresenceSimulation": True,
            }
        },
    )


def type_password(page: Page, username: str, password: str) -> None:
    page.goto("/accounts/login/")
    page.get_by_label("Username").fill(username)
    page.get_by_label("Password", exact=True).fill(password)
    page.get_by_role("button", name="Sign in", exact=True).click()


def sign_out(page: Page) -> None:
    page.goto("/admin/")
    page.get_by_role("button", name="Sign out", exact=True).click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()


def add_key(page: Page, password: str, *, passwordless: bool) -> None:
    page.goto("/accounts/mfa/webauthn/add/")
    page.get_by_label("Password", exact=True).fill(password)
    page.get_by_role("button", name="Confirm").click()
    assert axe_findings(page) == []
    if passwordless:
        page.get_by_label("Passwordless").check()
    page.get_by_role("button", name="Add").click()
    expect(page.get_by_role("heading", name="Recovery Codes")).to_be_visible()


def remove_key(page: Page) -> None:
    """Remove the key: asked for proof of identity, as in each new session, the key answers."""
    page.goto("/accounts/mfa/webauthn/")
    assert axe_findings(page) == []
    page.get_by_role("link", name="Remove").click()
    expect(page.get_by_role("heading", name="Confirm that it is you")).to_be_visible()
    page.get_by_role("link", name="Use a security key").click()
    assert axe_findings(page) == []
    page.get_by_role("button", name="Use a security key").click()
    expect(page.get_by_role("heading", name="Remove Security Key")).to_be_visible()
    assert axe_findings(page) == []
    page.get_by_role("button", name="Remove").click()
    expect(page.get_by_text("No key is set up.")).to_be_visible()


def last_number(installation: Installation) -> int:
    with installation.connect() as connection:
        (number,) = connection.execute("SELECT coalesce(max(number), 0) FROM audit_auditevent").fetchone() or (0,)
        return int(number)


def recorded(installation: Installation, username: str, *, after: int) -> list[tuple[str, str]]:
    """The account's events after that one of the record: other tests of the installation sign in too."""
    with installation.connect() as connection:
        rows = connection.execute(
            "SELECT action, coalesce(details->>'kind', '') FROM audit_auditevent"
            " JOIN audit_logid ON value = actor JOIN analysts_user ON analysts_user.id = account_id"
            " WHERE number > %s AND username = %s AND action LIKE 'user.%%' ORDER BY number",
            [after, username],
        )
        return [(str(action), str(kind)) for action, kind in rows]


def test_passkey_signs_in_alone(installation: Installation, desk: tuple[Page, BrowserWatch, CDPSession]) -> None:
    page, watch, session = desk
    start = last_number(installation)
    password = installation.accounts()["operator"]
    plug_in(session, resident=True)
    type_password(page, "operator", password)
    add_key(page, password, passwordless=True)
    assert axe_findings(page) == []

    sign_out(page)
    # A request that the user cancels, and another one.
    page.evaluate("() => { navigator.credentials.get = () => Promise.reject(new DOMException()); }")
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page.get_by_role("alert")).to_contain_text("The key did not answer, or the request was cancelled.")
    assert axe_findings(page) == []
    page.reload()
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page.get_by_role("heading", name="Dashboard", level=1)).to_be_visible()
    expect(page.get_by_text("Olga").first).to_be_visible()

    # Strangers' failures do not slow it: it is not counted at all.
    with installation.connect() as connection:
        connection.execute("UPDATE analysts_delay SET failures = 100, until = now() + interval '15 minutes'")
    sign_out(page)
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page.get_by_role("heading", name="Dashboard", level=1)).to_be_visible()
    with installation.connect() as connection:
        connection.execute("DELETE FROM analysts_delay")

    remove_key(page)
    sign_out(page)
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page.get_by_text("The key was not accepted.")).to_be_visible()
    assert (watch.elsewhere(), watch.failures(), watch.complaints) == ([], [], [])
    assert recorded(installation, "operator", after=start) == [
        ("user.sign_in", ""),
        ("user.add_factor", "recovery_codes"),
        ("user.add_factor", "webauthn"),
        ("user.sign_in", ""),
        ("user.sign_in", ""),
        ("user.remove_factor", "recovery_codes"),
        ("user.remove_factor", "webauthn"),
    ]


def test_security_key_is_the_second_factor(
    installation: Installation, desk: tuple[Page, BrowserWatch, CDPSession]
) -> None:
    page, watch, session = desk
    password = installation.accounts()["welfare"]
    plug_in(session, resident=False)
    type_password(page, "welfare", password)
    add_key(page, password, passwordless=False)

    sign_out(page)
    type_password(page, "welfare", password)
    expect(page.get_by_role("heading", name="Two-Factor Authentication")).to_be_visible()
    assert axe_findings(page) == []
    # The password alone gives no access.
    page.goto("/admin/")
    expect(page.get_by_role("heading", name="Dashboard", level=1)).not_to_be_visible()
    page.goto("/accounts/mfa/authenticate/")
    page.get_by_role("button", name="Use a security key").click()
    expect(page.get_by_role("heading", name="Dashboard", level=1)).to_be_visible()

    remove_key(page)
    sign_out(page)
    type_password(page, "welfare", password)
    expect(page.get_by_role("heading", name="Dashboard", level=1)).to_be_visible()
    assert (watch.elsewhere(), watch.failures(), watch.complaints) == ([], [], [])
