"""An app on the staff surface only, for its commands; no models, no pages."""

from django.apps import AppConfig


class ProofsConfig(AppConfig):
    name = "tests.proofs"
    verbose_name = "Proofs"
