"""What this process is, and from where it may be reached."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register


@register(Tags.security, deploy=True)
def check_surface(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """One process for both surfaces puts the private keys where the public can reach them."""
    if settings.SURFACE == "all":
        return [
            Error(
                "SURFACE=all is for trying it out: run public and staff apart.",
                hint="Set SURFACE=public in one process's environment and SURFACE=staff in the other's.",
                id="portal_site.E001",
            )
        ]
    return []


@register(Tags.security, deploy=True)
def check_demo(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Nobody reads what is sent to a demonstration."""
    if settings.DEMO:
        return [
            Error("DEMO=1: nobody reads reports made here.", hint="Remove DEMO, or set it to 0.", id="portal_site.E002")
        ]
    return []


@register(Tags.security, deploy=True)
def check_https(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Reports and passwords in clear on the line."""
    if not settings.HTTPS:
        return [
            Error(
                "HTTPS=1 is missing: the site must be reached through https only.",
                hint="End TLS in the web server in front, let it send X-Forwarded-Proto, and set HTTPS=1.",
                id="portal_site.E003",
            )
        ]
    return []


@register(Tags.security, deploy=True)
def check_second_factor(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """A password alone must not open reports."""
    if settings.STAFF and not settings.REQUIRE_MFA:
        return [Error("REQUIRE_MFA is off.", hint="Remove REQUIRE_MFA, or set it to 1.", id="portal_site.E004")]
    return []


@register(Tags.security, deploy=True)
def check_debug(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Error pages that print what was typed."""
    if settings.DEBUG:
        return [
            Error("DEBUG=1 prints what reporters typed.", hint="Remove DEBUG, or set it to 0.", id="portal_site.E005")
        ]
    return []


@register(Tags.security, deploy=True)
def check_hosts(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """A host name of somebody else's, in a link or a redirect."""
    local = {"localhost", "127.0.0.1", "[::1]"}
    if "*" in settings.ALLOWED_HOSTS or not set(settings.ALLOWED_HOSTS) - local:
        return [
            Error(
                "ALLOWED_HOSTS names every host, or this machine alone.",
                hint="Name the host of this surface, and nothing else: ALLOWED_HOSTS=report.example.org",
                id="portal_site.E006",
            )
        ]
    return []


@register(Tags.security, deploy=True)
def check_origins(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """A page that came in clear may have been changed on its way, and what it sends with it."""
    clear = [origin for origin in settings.CSRF_TRUSTED_ORIGINS if not origin.startswith("https://")]
    return [
        Error(
            f"CSRF_TRUSTED_ORIGINS trusts {origin}, which is not https.",
            hint="Remove it, or name the https origin of the staff host.",
            id="portal_site.E007",
        )
        for origin in clear
    ]


@register(Tags.security, deploy=True)
def check_what_notices_need(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Every notice would be given up: its text asks for the link by which its recipient answers, and for our name."""
    found: list[CheckMessage] = []
    if settings.STAFF and not settings.PUBLIC_URL.startswith("https://"):
        found.append(
            Warning(
                "PUBLIC_URL is empty, or not https: no notice can leave with a link for its answer.",
                hint="Set it to where the public finds the portals: PUBLIC_URL=https://report.example.org",
                id="portal_site.W008",
            )
        )
    if settings.STAFF and not settings.HOTLINE_NAME:
        found.append(
            Warning(
                "HOTLINE_NAME is empty: no notice can leave whose text names the hotline, as the shipped ones do.",
                hint="Set it on both surfaces to the name by which the hotline is known to others.",
                id="portal_site.W009",
            )
        )
    return found
