"""Sign-in with password and second factor, the data stored about it, and what strangers can reach."""

import re
from typing import Any

import pytest
from allauth.account.adapter import get_adapter as account_adapter
from allauth.mfa.adapter import get_adapter as mfa_adapter
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value, yield_hotp_counters_from_time
from cryptography.fernet import InvalidToken
from django.core import mail
from django.test import Client, RequestFactory
from django.urls import NoReverseMatch, reverse

from analysts.accounts.sign_in.adapters import NOBODY
from analysts.models import User
from audit.models import AuditEvent
from countries.models import Portal
from portal_site.tests.passkeys import passkey_of
from tests.rig.fixtures import client_of

PASSWORD = "correct horse battery"
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


def enter(client: Client, username: str = "ana", password: str = PASSWORD, onward: str = "") -> Any:
    return client.post("/accounts/login/", {"login": username, "password": password, "next": onward})


def code_now(secret: str = SECRET) -> str:
    counter = next(iter(yield_hotp_counters_from_time()))
    return str(format_hotp_value(hotp_value(secret, counter)))


def test_ana_signs_in_and_goes_on(client: Client, ana: User, belize: Portal) -> None:
    answer = enter(client, onward="/admin/queue/")

    assert (answer.status_code, answer["Location"]) == (302, "/admin/queue/")
    assert client.get("/admin/queue/").status_code == 200
    event = AuditEvent.objects.get(action="user.sign_in")
    assert (event.actor, event.object_id, event.details) == ("ana", "ana", {})
    assert mail.outbox == []


def test_sign_in_goes_nowhere_else(client: Client, ana: User) -> None:
    assert enter(client, onward="https://elsewhere.example/admin/")["Location"] == "/admin/"


@pytest.mark.parametrize(("username", "password"), [("ana", "wrong horse battery"), ("nobody", PASSWORD)])
def test_wrong_and_unknown_look_the_same(client: Client, ana: User, username: str, password: str) -> None:
    page = enter(client, username, password)

    assert page.status_code == 200
    assert "The username and/or password you specified are not correct." in page.content.decode()
    assert client.get("/admin/queue/").status_code == 302
    assert AuditEvent.objects.count() == 0


def test_switched_off_account_does_not_sign_in(client: Client, ana: User) -> None:
    ana.is_active = False
    ana.save()

    assert enter(client)["Location"] == "/accounts/inactive/"
    assert client.get("/accounts/inactive/").status_code == 200
    assert client.get("/admin/queue/").status_code == 302
    assert AuditEvent.objects.count() == 0
    # With a wrong password the answer does not reveal that the account is inactive.
    assert enter(client, password="wrong horse battery").status_code == 200


def test_admins_own_sign_in_pages_lead_to_the_one_sign_in(client: Client, ana: User) -> None:
    assert client.get("/admin/login/?next=/admin/queue/")["Location"] == "/accounts/login/?next=%2Fadmin%2Fqueue%2F"
    signed_in = client_of(ana)
    for path, onward in (
        ("logout", "/accounts/logout/"),
        ("password_change", "/accounts/password/change/"),
        ("password_change/done", "/accounts/password/change/"),
    ):
        assert signed_in.get(f"/admin/{path}/")["Location"] == onward


@pytest.mark.parametrize(
    "name",
    [
        "account_signup",
        "account_email",
        "account_reset_password",
        "account_confirm_email",
        "account_email_verification_sent",
        "account_request_login_code",
        "mfa_signup_webauthn",
        "mfa_trust",
    ],
)
def test_unused_account_pages_have_no_route(name: str) -> None:
    with pytest.raises(NoReverseMatch):
        reverse(name)


@pytest.mark.parametrize(
    "path",
    [
        "password/change/",
        "password/set/",
        "reauthenticate/",
        "mfa/",
        "mfa/totp/activate/",
        "mfa/totp/deactivate/",
        "mfa/webauthn/",
        "mfa/webauthn/add/",
        "mfa/recovery-codes/",
        "mfa/recovery-codes/generate/",
        "mfa/recovery-codes/download/",
        "mfa/authenticate/",
    ],
)
def test_stranger_reaches_no_account_page(client: Client, db: None, path: str) -> None:
    answer = client.get(f"/accounts/{path}")
    assert answer.status_code == 302
    assert answer["Location"].startswith("/accounts/login/")


def test_sign_in_forgets_who_asks(ana: User) -> None:
    request = RequestFactory().get("/", REMOTE_ADDR="192.0.2.7", HTTP_USER_AGENT="Browser", HTTP_X_FORWARDED_FOR="::1")
    adapter = account_adapter(request)

    assert (adapter.get_client_ip(request), adapter.get_http_user_agent(request)) == (NOBODY, "")
    assert adapter.is_open_for_signup(request) is False


# --- The second factor ------------------------------------------------------------------------------------------------


def test_without_second_factor_only_account_pages_are_reached(belize: Portal, ana: User, settings: Any) -> None:
    settings.REQUIRE_MFA = True
    client = client_of(ana)

    for path in ("/admin/", "/admin/queue/", "/admin/jsi18n/"):
        assert client.get(path)["Location"] == "/accounts/mfa/"
    assert client.post("/admin/queue/next/")["Location"] == "/accounts/mfa/"
    page = client.get("/accounts/mfa/")
    assert page.status_code == 200
    assert "Set up a passkey or an authenticator app first" in page.content.decode()
    # Public pages need no second factor.
    assert client.get("/bz/en/").status_code == 200

    Authenticator.objects.create(user=ana, type=Authenticator.Type.RECOVERY_CODES, data={})
    assert client.get("/admin/queue/").status_code == 302
    TOTP.activate(ana, SECRET)
    assert client.get("/admin/queue/").status_code == 200


def test_authenticator_app_is_set_up_without_breaking_the_page_policy(ana: User) -> None:
    client = client_of(ana)
    assert client.get("/accounts/mfa/totp/activate/")["Location"].startswith("/accounts/reauthenticate/")
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    page = client.get("/accounts/mfa/totp/activate/")
    source = page.content.decode()

    assert "data:" not in page["Content-Security-Policy"]
    assert "data:" not in source
    assert "style=" not in source
    assert re.search(
        r'<svg class="qr" viewBox="0 0 \d+ \d+" role="img" aria-label="[^"]+"><path d="M[^"]+"/></svg>', source
    )
    [secret] = re.findall(r'<code id="totp-key">(\w+)</code>', source)

    counter = next(iter(yield_hotp_counters_from_time()))
    code = format_hotp_value(hotp_value(secret, counter))
    assert client.post("/accounts/mfa/totp/activate/", {"code": code}).status_code == 302
    stored = Authenticator.objects.get(user=ana, type=Authenticator.Type.TOTP).data["secret"]
    assert secret not in stored
    assert mfa_adapter().decrypt(stored) == secret
    assert mail.outbox == []


def test_second_factor_is_asked_for_after_the_password(client: Client, ana: User, belize: Portal) -> None:
    TOTP.activate(ana, SECRET)

    assert enter(client)["Location"] == "/accounts/mfa/authenticate/"
    assert client.get("/admin/queue/").status_code == 302
    assert client.post("/accounts/mfa/authenticate/", {"code": "000000"}).status_code == 200
    # Each failure after the right password is recorded, and nothing else.
    event = AuditEvent.objects.get()
    assert (event.action, event.actor, event.object_id) == ("user.second_factor_fail", "", "ana")
    assert client.post("/accounts/mfa/authenticate/", {"code": code_now()}).status_code == 302
    assert client.get("/admin/queue/").status_code == 200
    assert AuditEvent.objects.filter(action="user.sign_in", actor="ana").count() == 1


def test_secrets_outlive_a_change_of_the_key(settings: Any) -> None:
    first, second = settings.SECRET_KEY, "x" * 60
    kept = mfa_adapter().encrypt(SECRET)
    assert SECRET not in kept

    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = second, [first]
    assert mfa_adapter().decrypt(kept) == SECRET
    fresh = mfa_adapter().encrypt(SECRET)
    settings.SECRET_KEY_FALLBACKS = []
    assert mfa_adapter().decrypt(fresh) == SECRET
    with pytest.raises(InvalidToken):
        mfa_adapter().decrypt(kept)


def test_passkey_script_gets_its_data_without_the_headers_that_are_dropped(client: Client, db: None) -> None:
    """The middleware drops Accept and X-Requested-With, by which the library recognises its own script."""
    answer = client.get("/accounts/mfa/webauthn/login/")

    assert answer["Content-Type"] == "application/json"
    assert set(answer.json()["request_options"]["publicKey"]) >= {"challenge", "rpId"}
    assert "text/html" in client.get("/accounts/login/", headers={"accept": "application/json"})["Content-Type"]


def test_account_with_a_switched_off_password_is_led_to_set_one(ana: User) -> None:
    ana.set_unusable_password()
    ana.save()
    client = client_of(ana)

    assert client.get("/accounts/password/change/")["Location"] == "/accounts/password/set/"
    assert client.get("/accounts/password/set/").status_code == 200


def test_ana_changes_her_password_and_signs_out(ana: User, belize: Portal) -> None:
    client = client_of(ana)
    other = client_of(ana)
    fields = {"oldpassword": PASSWORD, "password1": "another horse battery", "password2": "another horse battery"}

    assert client.post("/accounts/password/change/", fields).status_code == 302
    assert client.get("/admin/queue/").status_code == 200
    # Changing the password ends sessions in other browsers.
    assert other.get("/admin/queue/").status_code == 302
    assert client.post("/accounts/logout/")["Location"] == "/accounts/login/"
    assert client.get("/admin/queue/").status_code == 302


def test_long_password_is_masked_and_verified_as_typed(ana: User, belize: Portal, client: Client) -> None:
    """Spaces at either end count, and so does each of 200 characters."""
    typed = f"  {'Long enough ' * 16}and ends here  "
    assert len(typed) > 200
    ana.set_password(typed)
    ana.save()

    assert re.search(r'<input type="password"\s+name="password"', client.get("/accounts/login/").content.decode())
    for wrong in (typed.strip(), typed[:-1]):
        assert client.post("/accounts/login/", {"login": "ana", "password": wrong}).status_code == 200
    assert client.post("/accounts/login/", {"login": "ana", "password": typed}).status_code == 302


ODD_START = '{"id": "AA", "rawId": "AA", "type": "public-key", "response": {'
ODD_CREDENTIALS = [
    "",
    "{",
    "1",
    "[]",
    "null",
    '"text"',
    "{}",
    '{"response": null}',
    '{"response": {"userHandle": null}}',
    ODD_START + '"userHandle": "AA"}}',
    ODD_START + '"clientDataJSON": "e30", "authenticatorData": "AA", "signature": "AA", "userHandle": "%%%"}}',
    ODD_START + '"clientDataJSON": "e30", "authenticatorData": "AA", "signature": "AA", "userHandle": 7}}',
    ODD_START + '"clientDataJSON": "e30", "attestationObject": "AA"}}',
    # Longer numbers, and deeper lists, than Python reads.
    "9" * 5_000,
    "[" * 19_000,
    "[" * 300_000,
]


@pytest.mark.parametrize("credential", ODD_CREDENTIALS, ids=range(len(ODD_CREDENTIALS)))
def test_odd_passkeys_are_refused(client: Client, ana: User, credential: str) -> None:
    client.get("/accounts/mfa/webauthn/login/")
    answer = client.post("/accounts/mfa/webauthn/login/", {"credential": credential})
    assert (answer.status_code, answer["Location"]) == (302, "/accounts/login/")
    assert client.get("/admin/").status_code == 302


@pytest.mark.parametrize("credential", ODD_CREDENTIALS, ids=range(len(ODD_CREDENTIALS)))
def test_odd_passkeys_are_no_second_factor(client: Client, ana: User, credential: str) -> None:
    passkey_of(ana)
    client.post("/accounts/login/", {"login": "ana", "password": PASSWORD})
    answer = client.post("/accounts/mfa/authenticate/", {"credential": credential})
    assert (answer.status_code, "The key was not accepted." in answer.content.decode()) == (200, True)
    assert client.get("/admin/").status_code == 302


@pytest.mark.parametrize("credential", ODD_CREDENTIALS, ids=range(len(ODD_CREDENTIALS)))
def test_odd_passkeys_are_not_added(ana: User, credential: str) -> None:
    client = client_of(ana)
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    client.get("/accounts/mfa/webauthn/add/")
    answer = client.post("/accounts/mfa/webauthn/add/", {"credential": credential})
    assert (answer.status_code, "The key was not accepted." in answer.content.decode()) == (200, True)
    assert not Authenticator.objects.exists()


@pytest.mark.parametrize("credential", ODD_CREDENTIALS, ids=range(len(ODD_CREDENTIALS)))
def test_odd_passkeys_prove_no_identity(ana: User, credential: str) -> None:
    client = client_of(ana)
    passkey_of(ana)
    client.get("/accounts/mfa/webauthn/reauthenticate/")
    sent = {"credential": credential, "next": "/accounts/mfa/webauthn/add/"}
    answer = client.post("/accounts/mfa/webauthn/reauthenticate/", sent, follow=True)
    # Asked again, on the way to what waits.
    assert answer.redirect_chain == [
        ("/accounts/mfa/webauthn/reauthenticate/?next=%2Faccounts%2Fmfa%2Fwebauthn%2Fadd%2F", 302)
    ]
    assert "The key was not accepted." in answer.content.decode()


@pytest.mark.parametrize("odd", ["hxxps://attack[.]example[.]org/", "https://[x/", "//[a", "https://a]b/"])
def test_way_back_that_is_no_address_does_not_fail(db: None, odd: str) -> None:
    assert Client().get(reverse("account_login"), query_params={"next": odd}).status_code == 200
