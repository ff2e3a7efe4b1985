import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from audit import chain


def anchor(text: str) -> chain.Anchor:
    """Named as the option is, because argparse names it when the text is refused."""
    return chain.Anchor.parse(text)


class Command(BaseCommand):
    help = "Checks the whole audit chain and ends with 1 where anything is wrong with it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--anchor",
            type=anchor,
            metavar="number:hash",
            help="what anchor_audit printed earlier; also finds a chain that was rebuilt or cut off",
        )

    def handle(self, *args: Any, anchor: chain.Anchor | None, **options: Any) -> None:
        verdict = chain.verify(anchor=anchor)
        self.stdout.write(
            ngettext(
                "%(events)d audit event read, the last one is number %(last)d.",
                "%(events)d audit events read, the last one is number %(last)d.",
                verdict.events,
            )
            % {"events": verdict.events, "last": verdict.last_number}
        )
        for fault in verdict.faults:
            self.stdout.write(f"{fault.number}: {fault.what.label}")
        if verdict.faults:
            sys.exit(1)
        if anchor:
            self.stdout.write(_("No fault; the anchor holds."))
        else:
            self.stdout.write(_("No fault. Without an anchor, a rebuilt chain or a cut-off end cannot be seen."))
