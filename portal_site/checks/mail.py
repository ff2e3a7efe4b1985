"""Checks of mail: TLS with a verified certificate, a usable sender, and addresses for alerts."""

from collections.abc import Iterator
from email.utils import parseaddr

from django.conf import settings
from django.core import mail
from django.core.checks import CheckMessage, Error, Tags, Warning, register
from django.core.mail.backends.smtp import EmailBackend


@register(Tags.security, Tags.mail, deploy=True)
def check_mail_is_verified(app_configs: object, **kwargs: object) -> Iterator[CheckMessage]:
    """Checks the backends that will send. Django's own context verifies; a setting or a subclass may not."""
    for alias in settings.MAILERS:
        backend = mail.mailers[alias]
        if not isinstance(backend, EmailBackend):
            continue
        context = backend.ssl_context
        if not (backend.use_ssl or backend.use_tls):
            reason = "sends in clear"
        elif context.verify_mode.name != "CERT_REQUIRED" or not context.check_hostname:
            reason = "does not verify the mail server's certificate"
        else:
            continue
        yield Error(
            f"The mailer `{alias}` {reason}.",
            hint="Leave MAILERS as portal_site.settings makes it; a private authority is named by SSL_CERT_FILE.",
            id="portal_site.E040",
        )


@register(Tags.mail, deploy=True)
def check_sender(app_configs: object, **kwargs: object) -> Iterator[CheckMessage]:
    """Recipients could not reply, and mail servers distrust the sender. Its domain is in every notice's Message-ID."""
    domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2]
    if settings.STAFF and not settings.DEMO and domain in ("", "localhost"):
        yield Warning(
            f"Mail comes from {settings.DEFAULT_FROM_EMAIL}: recipients of notices cannot reply to it.",
            hint="Name an address whose mail is read: MAIL_FROM=portals@example.org",
            id="portal_site.W043",
        )


@register(Tags.mail, deploy=True)
def check_letters_page(app_configs: object, **kwargs: object) -> Iterator[CheckMessage]:
    """The public page about letters could not say from which address they come, so that it confirms nothing."""
    if settings.PUBLIC and not settings.DEMO and parseaddr(settings.DEFAULT_FROM_EMAIL)[1].endswith("@localhost"):
        yield Warning(
            "MAIL_FROM is empty: the page about letters does not say from which address they come.",
            hint="Set MAIL_FROM, HOTLINE_TEAM, HOTLINE_MAILBOX and HOTLINE_TELEPHONE as in staff.env.",
            id="portal_site.W044",
        )


@register(Tags.security, Tags.mail, deploy=True)
def check_alert(app_configs: object, **kwargs: object) -> Iterator[CheckMessage]:
    """Without a mail server or an address, staff get no alert about a child in immediate danger."""
    if not settings.STAFF or settings.DEMO:
        return
    if not settings.ALERT_EMAILS:
        yield Warning(
            "ALERT_EMAILS is empty: no alert is mailed when a report says that a child is in danger now.",
            hint="Enter the addresses of the staff on duty. The mail contains a count and nothing else.",
            id="portal_site.W042",
        )
    elif not settings.MAIL_HOST:
        yield Error(
            "ALERT_EMAILS is set, but MAIL_HOST is not: no mail can be sent.",
            hint="Set the mail server: MAIL_HOST, MAIL_PORT (465), MAIL_USER, MAIL_PASSWORD.",
            id="portal_site.E041",
        )
