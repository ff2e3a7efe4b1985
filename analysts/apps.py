"""Configuration of the analysts app."""

from django.apps import AppConfig
from django.urls import register_converter
from django.utils.translation import gettext_lazy as _

from analysts.search.converters import IncidentNumberConverter


class AnalystsConfig(AppConfig):
    name = "analysts"
    verbose_name = _("Analysts")

    def ready(self) -> None:
        register_converter(IncidentNumberConverter, "incident_number")
        from analysts.pages.urls import ACTIONS  # noqa: PLC0415 - imports models, which are not loaded before `ready`
        from audit.labels import add_labels  # noqa: PLC0415 - same reason

        add_labels({f"incident.{action.name}": action.recorded_as for action in ACTIONS if action.recorded_as})
