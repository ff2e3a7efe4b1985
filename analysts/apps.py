"""What staff do about reports."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AnalystsConfig(AppConfig):
    name = "analysts"
    verbose_name = _("Analysts")

    def ready(self) -> None:
        from analysts.pages.urls import ACTIONS  # noqa: PLC0415 - imports models, which are loaded only now
        from audit.labels import add_labels  # noqa: PLC0415 - the same

        add_labels({f"incident.{action.name}": action.recorded_as for action in ACTIONS if action.recorded_as})
