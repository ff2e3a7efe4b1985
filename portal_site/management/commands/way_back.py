"""`manage.py way_back`: whether the release before could take over again, and what that would lose."""

import json
import sys
from argparse import ArgumentParser
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from portal_site.database.way_back import NoWayBack, find_way_back, take_way_back
from portal_site.release_description import parse_description


class Command(BaseCommand):
    help = (
        "Read from standard input, as JSON, `before` (what `describe_release` of the release before printed) and "
        "`loaded` (`contents` as printed right after the upgrade). Print, as JSON, the migrations to undo, what makes "
        "it impossible, and what would be lost. Used by deploy/upgrade and deploy/rollback."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--undo", action="store_true", help="undo the migrations, if nothing is lost")

    def handle(self, *args: object, **options: Any) -> None:
        try:
            description = json.load(sys.stdin)
            before, loaded = parse_description(description["before"]), dict(description["loaded"])
        except (ValueError, KeyError, TypeError) as error:
            raise CommandError("Standard input does not describe a release.") from error
        try:
            way = take_way_back(before, loaded) if options["undo"] else find_way_back(before, loaded)
        except NoWayBack as reasons:
            raise CommandError("\n".join(reasons.args)) from reasons
        self.stdout.write(json.dumps(asdict(way)))
