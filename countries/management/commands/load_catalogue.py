"""Adds the known portals and help services that are missing. Safe to run again: existing ones are never changed."""

from argparse import ArgumentParser

from django.core.management.base import BaseCommand

from countries import catalogue
from countries.models import PortalState
from countries.staff.contacts import service_approvals
from countries.staff.workspace import actions


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--live",
            action="store_true",
            help="open the new portals at once, for a demonstration, with made-up marks and contacts; else as drafts",
        )

    def handle(self, *args: object, live: bool, **options: object) -> None:
        state = PortalState.LIVE if live else PortalState.DRAFT
        for entry in catalogue.entries():
            if portal := actions.load_portal(entry, state=state, for_demonstration=live):
                self.stdout.write(f"Added {portal.name} ({portal.slug}), {portal.state}.")
        for fields in catalogue.services():
            if service := service_approvals.load_service(fields):
                self.stdout.write(f"Added {service.name}.")
