"""The app for everything the public sends: sealed envelopes, receipts, replies."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from countries.public.privacy import offer_privacy_rows
from countries.words.crisis_memory import offer_shipped_languages
from reports.safety.crisis import crisis_languages


class ReportsConfig(AppConfig):
    name = "reports"
    verbose_name = _("Reports")

    def ready(self) -> None:
        from reports.privacy import KEPT  # noqa: PLC0415 - models are loaded by `ready` only

        offer_privacy_rows(KEPT)
        # The list itself is read when it is first asked for.
        offer_shipped_languages(crisis_languages)
