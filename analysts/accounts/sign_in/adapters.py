"""Adapters of django-allauth for staff sign-in, without sign-up and mail.

Failures delay further attempts (`delays`). Changed credentials are recorded in the audit log here, in `forms` and in
`views`.
"""

import base64
from contextlib import nullcontext

import qrcode
from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.auth_backends import AuthenticationBackend
from allauth.core import context as library
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from cryptography.fernet import Fernet, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.base_user import AbstractBaseUser
from django.db import connection, transaction
from django.db.models import Exists
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from analysts.accounts import sessions
from analysts.accounts.sign_in import delays
from analysts.accounts.sign_in.password_checks import strangers_lane
from analysts.models import User
from analysts.models.staff.user import SECOND_FACTORS, portals_of
from audit.actions import record_event
from countries.table_marks import SIGN_IN_STOPPED

# Replaces the client's IP address, which must not be read; no limit depends on it.
NOBODY = "0.0.0.0"  # noqa: S104 - nothing listens here


class Backend(AuthenticationBackend):
    """The library's backend, but it loads the user with what nearly every page needs: the ids of their portals, their
    display preferences, and whether they have a second factor."""

    def get_user(self, user_id: int) -> User | None:
        factors = Authenticator.objects.filter(user=user_id, type__in=SECOND_FACTORS)
        extras = {"known_portal_ids": portals_of(user_id), "known_second_factor": Exists(factors)}
        user = User.objects.annotate(**extras).select_related("display_preferences").filter(pk=user_id).first()
        return user if user and self.user_can_authenticate(user) else None


class AccountAdapter(DefaultAccountAdapter):
    """Account adapter without sign-up and mail: administrators create accounts."""

    def is_safe_url(self, url: str | None) -> bool:
        """Whether to redirect to `url` after sign-in. The library raises ValueError for a malformed URL."""
        try:
            return bool(super().is_safe_url(url))
        except ValueError:
            return False

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def get_client_ip(self, request: HttpRequest) -> str:
        return NOBODY

    def get_http_user_agent(self, request: HttpRequest) -> str:
        return ""

    def send_mail(self, template_prefix: str, email: str, context: dict[str, object]) -> None:
        """Send nothing: mail about an account would reveal staff to the mail server."""

    def authenticate(self, request: HttpRequest, **credentials: str) -> User | None:
        """Check a password and return its user or None.

        Raises Slowed if the account's lane is delayed, and SignInBusy, before the attempt counts, if a browser that is
        not known to the account finds too many others.
        """
        username = credentials["username"]
        is_known = delays.is_known_browser(request, username)
        with nullcontext() if is_known else strangers_lane.enter():
            attempt = delays.begin_attempt(request, username)
            user: User | None = super().authenticate(request, **credentials)
        if user:
            attempt.take_back()
        return user

    def reauthenticate(self, user: User, password: str) -> bool:
        right: bool = super().reauthenticate(user, password)
        if not right:
            record_failure(user, "user.reauthenticate_fail")
        return right

    @transaction.atomic
    def set_password(self, user: User, password: str) -> None:
        """Save the password only: the library would save the whole account and restore a role removed meanwhile."""
        sessions.check_session_continues(library.request, user)
        user.set_password(password)
        user.save(update_fields=["password"])

    @transaction.atomic
    def login(self, request: HttpRequest, user: User) -> None:
        """Record the sign-in: every successful sign-in, with any factors, ends here.

        Raises ImmediateHttpResponse while sign-in is stopped. Asked after the account was read, so that a sign-in under
        way during a lockdown is either refused here or has a session that the lockdown ended.
        """
        if SIGN_IN_STOPPED.read(connection) is not None:
            messages.error(request, _("Sign-in is stopped at the moment. Ask the administrators of the server."))
            raise ImmediateHttpResponse(HttpResponseRedirect(reverse("account_login")))
        failed = delays.count_failures_elsewhere(request, user.username)
        super().login(request, user)
        delays.clear_failures(request, user.username)
        if failed >= delays.FREE:
            messages.warning(request, failed_sign_ins_warning(failed))
        record_event(by=user, action="user.sign_in", on=user)

    def post_login(self, request: HttpRequest, user: User, **kwargs: object) -> HttpResponse:
        response: HttpResponse = super().post_login(request, user, **kwargs)
        delays.remember_browser(request, response, user.username)
        return response

    def is_ajax(self, request: HttpRequest) -> bool:
        """Whether the library's passkey script sent the request.

        `portal_site.middleware` drops the header that says so, but only the script requests this path.
        """
        return request.method == "GET" and request.path == reverse("mfa_login_webauthn")


def failed_sign_ins_warning(failed: int) -> str:
    return ngettext(
        "%(number)d recent attempt to sign in as you failed in a browser that you have not used before. If it was not "
        "you, tell an administrator.",
        "%(number)d recent attempts to sign in as you failed in browsers that you have not used before. If it was not "
        "you, tell an administrator.",
        failed,
    ) % {"number": failed}


@transaction.atomic
def record_failure(user: User, action: str) -> None:
    """Record that a second factor or re-authentication failed. Delays limit the number of these events."""
    record_event(by=None, action=action, on=user)


class MFAAdapter(DefaultMFAAdapter):
    """Stores authenticator secrets encrypted, so that a stolen database is not enough to sign in."""

    def encrypt(self, text: str) -> str:
        return _build_cipher().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        return _build_cipher().decrypt(encrypted_text.encode()).decode()

    def get_totp_label(self, user: AbstractBaseUser) -> str:
        return user.get_username()

    def build_totp_svg(self, url: str) -> str:
        """The QR code as inline SVG: the library uses a `data:` URL, which violates the content security policy."""
        code = qrcode.QRCode(border=4)
        code.add_data(url)
        modules = code.get_matrix()
        # One square per dark module, all in one path.
        path = "".join(f"M{x} {y}h1v1h-1z" for y, row in enumerate(modules) for x, dark in enumerate(row) if dark)
        return format_html(
            '<svg class="qr" viewBox="0 0 {0} {0}" role="img" aria-label="{1}"><path d="{2}"/></svg>',
            len(modules),
            _("QR code for the authenticator app"),
            path,
        )


def _build_cipher() -> MultiFernet:
    """Encrypts with a key derived from SECRET_KEY; decrypts with that of SECRET_KEY or of any fallback."""
    return MultiFernet([Fernet(_derive_key(key)) for key in [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]])


def _derive_key(secret_key: str) -> bytes:
    kdf = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"analysts.accounts.sign_in.adapters.MFAAdapter")
    return base64.urlsafe_b64encode(kdf.derive(secret_key.encode()))
