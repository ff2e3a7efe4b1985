import sys
from argparse import ArgumentParser
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from audit import anchors as kept
from audit import chain


def anchor(text: str) -> chain.Anchor:
    """Parse `number:hash`. Named like the option because argparse shows the name when it refuses the text."""
    return chain.Anchor.parse(text)


class Command(BaseCommand):
    help = "Verify the whole audit chain. Exits with status 1 if it has any fault."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--anchor",
            type=anchor,
            metavar="number:hash",
            help="an anchor that anchor_audit printed earlier; reveals a rebuilt or truncated chain",
        )
        parser.add_argument(
            "--anchors",
            type=Path,
            metavar="FILE",
            help="a file of anchors, one a line, each with or without a day before it",
        )

    def handle(self, *args: object, anchor: chain.Anchor | None, anchors: Path | None, **options: object) -> None:
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
            self.stdout.write(_("No fault. Without an anchor, a rebuilt or truncated chain cannot be detected."))
        elif len(asked) == 1:
            self.stdout.write(_("No fault; the anchor matches."))
        else:
            self.stdout.write(_("No fault; all %(number)d anchors match.") % {"number": len(asked)})


def of_file(path: Path) -> list[chain.Anchor]:
    """The anchors of a file. Raises CommandError for a file that is missing, empty or has any other line."""
    try:
        lines = kept.read_anchors(path)
    except kept.BadLine as bad:
        raise CommandError(_("Line %(number)d of the file is not an anchor.") % {"number": bad.number}) from bad
    except OSError as error:
        raise CommandError(_("The anchor file cannot be read.")) from error
    if not lines:
        raise CommandError(_("The anchor file contains no anchors."))
    return [line.anchor for line in lines]
