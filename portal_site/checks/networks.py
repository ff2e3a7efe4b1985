"""The operator's files of networks, where there are any: missing, damaged or old ones are offered to nobody."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Tags, Warning, register
from django.utils import timezone


@register(Tags.security, deploy=True)
def check_networks(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Nobody would notice until they trace something: the method is then not on their page."""
    if not settings.STAFF or not settings.NETWORKS_FILE:
        return []
    from analysts.takedown.tracing import networks  # noqa: PLC0415 - not installed on the public surface

    reason = networks.why_not(now=timezone.now())
    hint = "Replace the file that NETWORKS_FILE names; its maker has a new one each week or month."
    return [Warning(reason, hint=hint, id="portal_site.W060")] if reason else []
