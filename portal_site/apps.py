"""The app of settings, URLs and checks: above every other app, imported by none."""

from pathlib import Path

from django.apps import AppConfig
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured


class PortalSiteConfig(AppConfig):
    name = "portal_site"
    verbose_name = "Portal site"

    def ready(self) -> None:
        # Importing registers the checks.
        from portal_site import checks  # noqa: F401, PLC0415 - settings must be loaded first

        if settings.STAFF:
            from countries.staff.translation.language_items import offer_items  # noqa: PLC0415 - models must be loaded first
            from portal_site.language_checklist import ITEMS  # noqa: PLC0415 - models must be loaded first

            offer_items(ITEMS)

        refuse_private_keys(settings.SURFACE, settings.KEYRING)


def refuse_private_keys(surface: str, keyring: Path) -> None:
    """Refuse to start a surface for strangers that can read a private key. Raises ImproperlyConfigured.

    Not a system check: those do not run under gunicorn.
    """
    if surface not in ("public", "sources"):
        return
    from reports.keys import private_halves  # noqa: PLC0415 - models must be loaded first

    if halves := private_halves(keyring):
        raise ImproperlyConfigured(
            f"SURFACE={surface}, but the keyring holds a private key ({halves[0].name}). "
            "Copy only the keyring's folder `public` to a public server."
        )
