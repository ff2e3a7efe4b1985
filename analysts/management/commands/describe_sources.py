"""`manage.py describe_sources > docs/reference/sources-openapi.json`: write the API description for partners."""

import json

from django.core.management.base import BaseCommand

from reports.sources.api import openapi_description


class Command(BaseCommand):
    help = "Print the OpenAPI description of the API for reports of partner organisations."
    requires_system_checks: list[str] = []

    def handle(self, *args: object, **options: object) -> None:
        self.stdout.write(json.dumps(openapi_description(), indent=1))
