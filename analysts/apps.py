"""Configuration of the analysts app."""

from django.apps import AppConfig
from django.urls import register_converter
from django.utils.translation import gettext_lazy as _

from analysts.search.converters import IncidentNumberConverter
from countries.figures import offer_report_counts


class AnalystsConfig(AppConfig):
    name = "analysts"
    verbose_name = _("Analysts")

    def ready(self) -> None:
        register_converter(IncidentNumberConverter, "incident_number")
        from analysts.figures.reading import reports_of_month  # noqa: PLC0415 - models are loaded by `ready` only
        from analysts.pages.urls import ACTIONS  # noqa: PLC0415 - same reason
        from audit.labels import add_labels  # noqa: PLC0415 - same reason

        add_labels({f"incident.{action.name}": action.recorded_as for action in ACTIONS if action.recorded_as})
        offer_report_counts(reports_of_month)
