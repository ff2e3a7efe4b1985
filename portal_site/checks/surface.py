"""Checks of the surface's own settings: its mode, hosts, https and sign-in, and what notices and tracing need."""

from collections.abc import Iterator

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register
from django.utils import timezone


@register(Tags.security, deploy=True)
def check_mode(app_configs: object, **kwargs: object) -> Iterator[CheckMessage]:
    if settings.SURFACE == "all":
        # One process for both surfaces puts the private keys where the public can reach them.
        yield Error(
            "SURFACE=all is for trials only: run the public and the staff surface separately.",
            hint="Set SURFACE=public in one process's environment and SURFACE=staff in the other's.",
            id="portal_site.E001",
        )
    if settings.DEMO:
        yield Error("DEMO=1: reports here are not read.", hint="Remove DEMO, or set it to 0.", id="portal_site.E002")
    if settings.STAFF and not settings.REQUIRE_MFA:
        # A password alone must not open reports.
        yield Error("REQUIRE_MFA is off.", hint="Remove REQUIRE_MFA, or set it to 1.", id="portal_site.E004")
    if settings.DEBUG:
        yield Error("DEBUG=1 shows what reporters typed.", hint="Remove DEBUG, or set it to 0.", id="portal_site.E005")


@register(Tags.security, deploy=True)
def check_hosts(app_configs: object, **kwargs: object) -> Iterator[CheckMessage]:
    if not settings.HTTPS:
        # Without https, reports and passwords are readable on the network.
        yield Error(
            "HTTPS=1 is missing: the site must be reachable through https only.",
            hint="End TLS in the web server in front, have it send X-Forwarded-Proto, and set HTTPS=1.",
            id="portal_site.E003",
        )
    local = {"localhost", "127.0.0.1", "[::1]"}
    if "*" in settings.ALLOWED_HOSTS or not set(settings.ALLOWED_HOSTS) - local:
        # A wildcard lets an attacker's host name appear in links and redirects.
        yield Error(
            "ALLOWED_HOSTS allows every host, or only this machine.",
            hint="Enter the host name of this surface and no other: ALLOWED_HOSTS=report.example.org",
            id="portal_site.E006",
        )
    for origin in settings.CSRF_TRUSTED_ORIGINS:
        if not origin.startswith("https://"):
            # A page that was sent without https may have been changed on its way, and so may the form it sends.
            yield Error(
                f"CSRF_TRUSTED_ORIGINS contains {origin}, which is not https.",
                hint="Remove it, or enter the https origin of the staff host.",
                id="portal_site.E007",
            )


@register(Tags.security, deploy=True)
def check_notices(app_configs: object, **kwargs: object) -> Iterator[CheckMessage]:
    """No notice would be sent: shipped texts need the link for the recipient's reply, and the hotline's name."""
    if settings.STAFF and not settings.PUBLIC_URL.startswith("https://"):
        yield Warning(
            "PUBLIC_URL is empty, or not https: no notice with a reply link can be sent.",
            hint="Set it to the public address of the portals: PUBLIC_URL=https://report.example.org",
            id="portal_site.W008",
        )
    if settings.STAFF and not settings.HOTLINE_NAME:
        yield Warning(
            "HOTLINE_NAME is empty: no notice can be sent whose text names the hotline, as the shipped ones do.",
            hint="Set it, on both surfaces, to the name by which the hotline is known to others.",
            id="portal_site.W009",
        )


@register(Tags.security, deploy=True)
def check_networks(app_configs: object, **kwargs: object) -> Iterator[CheckMessage]:
    """Missing, damaged and outdated files of networks: analysts would notice only while they trace an address."""
    if settings.STAFF and settings.NETWORKS_FILE:
        from analysts.takedown.tracing import networks  # noqa: PLC0415 - not installed on the public surface

        if reason := networks.why_not(now=timezone.now()):
            hint = "Replace the file that NETWORKS_FILE names; its maker has a new one each week or month."
            yield Warning(reason, hint=hint, id="portal_site.W060")


@register(Tags.security, deploy=True)
def check_work_time_zone(app_configs: object, **kwargs: object) -> Iterator[CheckMessage]:
    """In another zone the analysts' day ends hours too early or too late, and so do the limits of a day."""
    if settings.STAFF and not settings.DEMO and settings.WORK_TIME_ZONE == "UTC":
        end = f"CUT_OFF ({settings.CUT_OFF}) and the limits" if settings.CUT_OFF else "the limits"
        yield Warning(
            f"WORK_TIME_ZONE is UTC: {end} of a working day are counted in UTC.",
            hint="Name the analysts' time zone: WORK_TIME_ZONE=Europe/London. Where it is UTC, name a place there: "
            "Africa/Accra.",
            id="portal_site.W080",
        )
