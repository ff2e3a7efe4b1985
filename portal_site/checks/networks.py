"""Check of the operator's network files: missing, damaged and outdated ones are not used for tracing."""

from django.conf import settings
from django.core.checks import CheckMessage, Tags, Warning, register
from django.utils import timezone


@register(Tags.security, deploy=True)
def check_networks(app_configs: object, **kwargs: object) -> list[CheckMessage]:
    """Without a warning, the missing tracing method would be noticed only when someone traces an address."""
    if not settings.STAFF or not settings.NETWORKS_FILE:
        return []
    from analysts.takedown.tracing import networks  # noqa: PLC0415 - not installed on the public surface

    reason = networks.why_not(now=timezone.now())
    hint = "Replace the file that NETWORKS_FILE names; its maker has a new one each week or month."
    return [Warning(reason, hint=hint, id="portal_site.W060")] if reason else []
