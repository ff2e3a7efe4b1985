"""`manage.py attack_figures`: try to recover hidden counts from published figures of synthetic years."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from analysts.figures.attack import CLOSE, run_attack

LEAST_NEAR_PERCENT = 90


class Command(BaseCommand):
    help = (
        "Publish synthetic years by the rules of disclosure control and try to recover counts of portals below 10 from "
        "everything that is published. Fails if one is recovered, or with --without-suppression if none is."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--years", type=int, default=1000)
        parser.add_argument("--seed", type=int, default=1)
        parser.add_argument(
            "--without-suppression", action="store_true", help="Only hide counts below 10: the attack must succeed."
        )

    def handle(self, *args: Any, years: int, seed: int, without_suppression: bool, **options: Any) -> None:
        result = run_attack(years=years, seed=seed, without_suppression=without_suppression)
        self.stdout.write(
            f"Years: {result.years}. Hidden counts below 10: {result.hidden}, recovered: {result.recovered}. "
            f"Shown: {result.shown}, within {CLOSE} of the count: {result.near_percent:.1f} %."
        )
        if without_suppression and not result.recovered:
            raise CommandError("Nothing was recovered although nothing was protected: the attack does not work.")
        if not without_suppression and (result.recovered or result.near_percent < LEAST_NEAR_PERCENT):
            raise CommandError("The figures are not protected as they should be.")
