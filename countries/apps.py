"""The app for portals: one country's own site, its texts, contacts and partners."""

from django.apps import AppConfig
from django.urls import register_converter
from django.utils.translation import gettext_lazy as _

from countries.converters import LanguageConverter


class CountriesConfig(AppConfig):
    name = "countries"
    verbose_name = _("Portals")

    def ready(self) -> None:
        register_converter(LanguageConverter, "language")
