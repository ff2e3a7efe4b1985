"""Checks of the surface's own settings: its mode, hosts, https and sign-in."""

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register


@register(Tags.security, deploy=True)
def check_surface(app_configs: object, **kwargs: object) -> list[CheckMessage]:
    """One process for both surfaces puts the private keys where the public can reach them."""
    if settings.SURFACE == "all":
        return [
            Error(
                "SURFACE=all is for trials only: run the public and the staff surface separately.",
                hint="Set SURFACE=public in one process's environment and SURFACE=staff in the other's.",
                id="portal_site.E001",
            )
        ]
    return []


@register(Tags.security, deploy=True)
def check_demo(app_configs: object, **kwargs: object) -> list[CheckMessage]:
    """Reports sent to a demonstration are not read."""
    if settings.DEMO:
        return [Error("DEMO=1: reports here are not read.", hint="Remove DEMO, or set it to 0.", id="portal_site.E002")]
    return []


@register(Tags.security, deploy=True)
def check_https(app_configs: object, **kwargs: object) -> list[CheckMessage]:
    """Without https, reports and passwords are readable on the network."""
    if not settings.HTTPS:
        return [
            Error(
                "HTTPS=1 is missing: the site must be reachable through https only.",
                hint="End TLS in the web server in front, have it send X-Forwarded-Proto, and set HTTPS=1.",
                id="portal_site.E003",
            )
        ]
    return []


@register(Tags.security, deploy=True)
def check_second_factor(app_configs: object, **kwargs: object) -> list[CheckMessage]:
    """A password alone must not open reports."""
    if settings.STAFF and not settings.REQUIRE_MFA:
        return [Error("REQUIRE_MFA is off.", hint="Remove REQUIRE_MFA, or set it to 1.", id="portal_site.E004")]
    return []


@register(Tags.security, deploy=True)
def check_debug(app_configs: object, **kwargs: object) -> list[CheckMessage]:
    """Debug pages print what was typed."""
    if settings.DEBUG:
        return [
            Error("DEBUG=1 shows what reporters typed.", hint="Remove DEBUG, or set it to 0.", id="portal_site.E005")
        ]
    return []


@register(Tags.security, deploy=True)
def check_hosts(app_configs: object, **kwargs: object) -> list[CheckMessage]:
    """A wildcard lets an attacker's host name appear in links and redirects."""
    local = {"localhost", "127.0.0.1", "[::1]"}
    if "*" in settings.ALLOWED_HOSTS or not set(settings.ALLOWED_HOSTS) - local:
        return [
            Error(
                "ALLOWED_HOSTS allows every host, or only this machine.",
                hint="Enter the host name of this surface and no other: ALLOWED_HOSTS=report.example.org",
                id="portal_site.E006",
            )
        ]
    return []


@register(Tags.security, deploy=True)
def check_origins(app_configs: object, **kwargs: object) -> list[CheckMessage]:
    """A page that was sent without https may have been changed on its way, and so may the form it sends."""
    clear = [origin for origin in settings.CSRF_TRUSTED_ORIGINS if not origin.startswith("https://")]
    return [
        Error(
            f"CSRF_TRUSTED_ORIGINS contains {origin}, which is not https.",
            hint="Remove it, or enter the https origin of the staff host.",
            id="portal_site.E007",
        )
        for origin in clear
    ]


@register(Tags.security, deploy=True)
def check_what_notices_need(app_configs: object, **kwargs: object) -> list[CheckMessage]:
    """No notice would be sent: shipped texts need the link for the recipient's reply, and the hotline's name."""
    problems: list[CheckMessage] = []
    if settings.STAFF and not settings.PUBLIC_URL.startswith("https://"):
        problems.append(
            Warning(
                "PUBLIC_URL is empty, or not https: no notice with a reply link can be sent.",
                hint="Set it to the public address of the portals: PUBLIC_URL=https://report.example.org",
                id="portal_site.W008",
            )
        )
    if settings.STAFF and not settings.HOTLINE_NAME:
        problems.append(
            Warning(
                "HOTLINE_NAME is empty: no notice can be sent whose text names the hotline, as the shipped ones do.",
                hint="Set it, on both surfaces, to the name by which the hotline is known to others.",
                id="portal_site.W009",
            )
        )
    return problems
