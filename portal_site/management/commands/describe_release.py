"""`manage.py describe_release`: what this release knows, for the release after it."""

from django.core.management.base import BaseCommand

from portal_site.release_description import describe_release


class Command(BaseCommand):
    help = "Print the migrations and jobs of this release as JSON, for `way_back --before` of a newer one."

    def handle(self, *args: object, **options: object) -> None:
        self.stdout.write(describe_release().write())
