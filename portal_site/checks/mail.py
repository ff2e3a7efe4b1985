"""Mail: only over TLS whose certificate is verified, and nobody to be told without a way to tell them."""

from email.utils import parseaddr
from typing import Any

from django.conf import settings
from django.core import mail
from django.core.checks import CheckMessage, Error, Tags, Warning, register
from django.core.mail.backends.smtp import EmailBackend


@register(Tags.security, Tags.mail, deploy=True)
def check_mail_is_verified(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Asks the very objects that will send. Django's own context verifies; a setting or a subclass may not."""
    found: list[CheckMessage] = []
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
        found.append(
            Error(
                f"The mailer `{alias}` {reason}.",
                hint="Leave MAILERS as portal_site.settings makes it; a private authority is named by SSL_CERT_FILE.",
                id="portal_site.E040",
            )
        )
    return found


@register(Tags.mail, deploy=True)
def check_sender(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Nobody could answer, and mail servers distrust it. Notices have the domain in their Message-ID from the start."""
    domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2]
    if settings.STAFF and not settings.DEMO and domain in ("", "localhost"):
        return [
            Warning(
                f"Mail comes from {settings.DEFAULT_FROM_EMAIL}: whoever gets a notice cannot answer it.",
                hint="Name an address at which somebody reads: MAIL_FROM=portals@example.org",
                id="portal_site.W043",
            )
        ]
    return []


@register(Tags.security, Tags.mail, deploy=True)
def check_alert(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """A child in danger now, and nobody is told."""
    if not settings.STAFF or settings.DEMO:
        return []
    if settings.ALERT_EMAILS and not settings.MAIL_HOST:
        return [
            Error(
                "ALERT_EMAILS is set and MAIL_HOST is not: no mail can leave.",
                hint="Name the mail server: MAIL_HOST, MAIL_PORT (465), MAIL_USER, MAIL_PASSWORD.",
                id="portal_site.E041",
            )
        ]
    if not settings.ALERT_EMAILS:
        return [
            Warning(
                "ALERT_EMAILS is empty: nobody is mailed when a report says that a child is in danger now.",
                hint="Name who is on duty. The mail carries a count and nothing else.",
                id="portal_site.W042",
            )
        ]
    return []
