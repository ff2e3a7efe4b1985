import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from audit import anchors as kept
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
        parser.add_argument(
            "--anchors",
            type=Path,
            metavar="FILE",
            help="the same for every line of a file of anchors, with or without a day before each",
        )

    def handle(self, *args: Any, anchor: chain.Anchor | None, anchors: Path | None, **options: Any) -> None:
        asked = [*([anchor] if anchor else []), *(of_file(anchors) if anchors else [])]
        verdict = chain.verify_chain(anchors=asked)
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
        if not asked:
            self.stdout.write(_("No fault. Without an anchor, a rebuilt chain or a cut-off end cannot be seen."))
        elif len(asked) == 1:
            self.stdout.write(_("No fault; the anchor holds."))
        else:
            self.stdout.write(_("No fault; all %(number)d anchors hold.") % {"number": len(asked)})


def of_file(path: Path) -> list[chain.Anchor]:
    """Its anchors. A file that is missing, empty or holds anything else proves nothing, and so is refused."""
    try:
        lines = kept.read_anchors(path)
    except kept.BadLine as bad:
        raise CommandError(_("Line %(number)d of the file is no anchor.") % {"number": bad.number}) from bad
    except OSError as error:
        raise CommandError(_("The file of anchors cannot be read.")) from error
    if not lines:
        raise CommandError(_("The file holds no anchor."))
    return [line.anchor for line in lines]
