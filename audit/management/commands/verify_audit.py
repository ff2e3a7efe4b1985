import sys
from argparse import ArgumentParser
from base64 import b64decode
from collections.abc import Iterator
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from audit import anchors as kept
from audit import chain
from audit import stream as streams
from audit.stream import StreamComparison

PUBLIC_BYTES = 32


def anchor(text: str) -> chain.Anchor:
    """Parse `number:hash`. Named like the option because argparse shows the name when it refuses the text."""
    return chain.Anchor.parse(text)


def public_key(text: str) -> bytes:
    """Parse a public key in base64, as the page of workstations shows it."""
    public = b64decode(text, validate=True)
    if len(public) != PUBLIC_BYTES:
        raise ValueError("not 32 bytes")
    return public


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
            help="a file of anchors that was kept elsewhere: one a line, with or without time and signature",
        )
        parser.add_argument(
            "--public-key",
            type=public_key,
            action="append",
            metavar="BASE64",
            help="this installation's public key of anchors, known from elsewhere: verifies the file's signatures. "
            "Repeat it for a file with lines from before the key was replaced",
        )
        parser.add_argument(
            "--stream",
            type=Path,
            metavar="FILE",
            help="what a SIEM has stored of the stream (AUDIT_STREAM), a record a line: names what is missing there",
        )

    def handle(
        self,
        *args: object,
        anchor: chain.Anchor | None,
        anchors: Path | None,
        public_key: list[bytes] | None,
        stream: Path | None,
        **options: object,
    ) -> None:
        lines = read_file(anchors) if anchors else []
        forged = find_forged(lines, public_key) if public_key else []
        all_anchors = [*([anchor] if anchor else []), *(line.anchor for line in lines)]
        verdict = chain.verify_chain(anchors=all_anchors)
        self.stdout.write(
            ngettext(
                "%(events)d audit event read, the last one is number %(last)d.",
                "%(events)d audit events read, the last one is number %(last)d.",
                verdict.events,
            )
            % {"events": verdict.events, "last": verdict.last_number}
        )
        for text in comparison(lines, public_key, verdict):
            self.stdout.write(text)
        for number in forged:
            self.stdout.write(
                _("Line %(number)d of the file was changed or signed with another key.") % {"number": number}
            )
        for fault in verdict.faults:
            self.stdout.write(f"{fault.number}: {fault.kind.label}")
        for number in verdict.unreadable:
            self.stdout.write(
                _("Event %(number)d has a value that cannot be read, only shown as it is stored.") % {"number": number}
            )
        streamed = compare_stream(stream) if stream else None
        if streamed:
            for text in describe_stream(streamed, verdict):
                self.stdout.write(text)
        if verdict.faults or forged or (streamed and not streamed.is_whole):
            sys.exit(1)
        if not all_anchors:
            self.stdout.write(_("No fault. Without an anchor, a rebuilt or truncated chain cannot be detected."))
        elif len(all_anchors) == 1:
            self.stdout.write(_("No fault; the anchor matches."))
        else:
            self.stdout.write(_("No fault; all %(number)d anchors match.") % {"number": len(all_anchors)})


def find_forged(lines: list[kept.AnchorLine], public_keys: list[bytes]) -> list[int]:
    """The numbers of the signed lines whose signature does not match the key that they name, or names another one."""
    by_id = {kept.key_id_of(public): public for public in public_keys}
    forged = []
    for number, line in enumerate(lines, start=1):
        try:
            if line.signature:
                line.verify_signature(by_id.get(line.key_id, b""))
        except kept.BadAnchorSignature:
            forged.append(number)
    return forged


def comparison(
    lines: list[kept.AnchorLine], public_keys: list[bytes] | None, verdict: chain.ChainResult
) -> Iterator[str]:
    """The comparison of the log: the range of the file, how many of its lines are signed, what none covers."""
    if not lines:
        return
    first, last = (choose(lines, key=lambda line: line.anchor.number) for choose in (min, max))
    yield _("Compared with the file: from event %(first)s to event %(last)s.") % {
        "first": in_words(first),
        "last": in_words(last),
    }
    signed = sum(bool(line.signature) for line in lines)
    of = {"signed": signed, "number": len(lines)}
    if public_keys:
        key = {"key": ", ".join(map(kept.key_id_of, public_keys))}
        yield _("Signatures checked with the key %(key)s: %(signed)d of %(number)d lines are signed.") % (of | key)
    else:
        yield _("Signatures not checked, as no public key was given: %(signed)d of %(number)d lines are signed.") % of
    if last.anchor.number < verdict.last_number:
        yield _("Events after number %(last)d are covered by no anchor.") % {"last": last.anchor.number}


def compare_stream(path: Path) -> StreamComparison:
    """Raises CommandError for a file that cannot be read."""
    try:
        return streams.compare_stream(path)
    except (OSError, UnicodeDecodeError) as error:
        raise CommandError(_("The file of the stream cannot be read.")) from error


def describe_stream(comparison: StreamComparison, verdict: chain.ChainResult) -> Iterator[str]:
    yield _("Stream: %(records)d records, from event %(first)d to event %(last)d.") % {
        "records": comparison.records,
        "first": comparison.first,
        "last": comparison.last,
    }
    for number in comparison.missing:
        yield _("Event %(number)d is missing in the stream.") % {"number": number}
    for number in comparison.different:
        yield _("Event %(number)d of the stream is not the one in the log.") % {"number": number}
    for number in comparison.unreadable:
        yield _("Line %(number)d of the stream is not a record.") % {"number": number}
    if comparison.last < verdict.last_number:
        yield _("Events after number %(last)d are not in the stream.") % {"last": comparison.last}


def in_words(line: kept.AnchorLine) -> str:
    return f"{line.anchor.number} ({line.when})" if line.when else str(line.anchor.number)


def read_file(path: Path) -> list[kept.AnchorLine]:
    """The lines of a file. Raises CommandError for a file that is missing, empty or has any other line."""
    try:
        lines = kept.read_anchors(path)
    except kept.BadLine as bad:
        raise CommandError(_("Line %(number)d of the file is not an anchor.") % {"number": bad.number}) from bad
    except OSError as error:
        raise CommandError(_("The anchor file cannot be read.")) from error
    if not lines:
        raise CommandError(_("The anchor file contains no anchors."))
    return lines
