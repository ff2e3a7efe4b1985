"""`manage.py describe_url_list > docs/reference/url-list-openapi.json`: write the API description of the URL list."""

import json

from django.core.management.base import BaseCommand

from analysts.takedown.url_list.api import openapi_description


class Command(BaseCommand):
    help = "Print the OpenAPI description of the URL list API for members."
    requires_system_checks: list[str] = []

    def handle(self, *args: object, **options: object) -> None:
        self.stdout.write(json.dumps(openapi_description(), indent=1))
