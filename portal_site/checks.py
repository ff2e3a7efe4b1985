"""What `manage.py check --deploy` refuses beyond Django's own checks."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register


@register(Tags.security, deploy=True)
def check_surface(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """One process for both surfaces puts the private keys where the public can reach them."""
    if settings.SURFACE == "all":
        return [Error("SURFACE=all is for trying it out: run public and staff apart.", id="portal_site.E001")]
    return []


@register(Tags.security, deploy=True)
def check_demo(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Nobody reads what is sent to a demonstration."""
    if settings.DEMO:
        return [Error("DEMO=1: nobody reads reports made here.", id="portal_site.E002")]
    return []


@register(Tags.security, deploy=True)
def check_https(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Reports and passwords in clear on the line."""
    if not settings.HTTPS:
        return [Error("HTTPS=1 is missing: the site must be reached through https only.", id="portal_site.E003")]
    return []


@register(Tags.security, deploy=True)
def check_second_factor(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """A password alone must not open reports."""
    if settings.STAFF and not settings.REQUIRE_MFA:
        return [Error("REQUIRE_MFA is off.", id="portal_site.E004")]
    return []
