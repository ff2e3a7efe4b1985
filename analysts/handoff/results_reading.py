"""Parse a file of results line by line; only lines signed with the key of an open workstation are accepted."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

from django.utils.translation import gettext as _
from pydantic import ValidationError

from analysts.handoff.batch_format import MOST_DRAWN, RESULT_FORMATS, RESULT_LINES, ResultLine, ResultsHead
from analysts.handoff.sealed_lines import unseal_line
from analysts.handoff.signing import BadSignature, NoLine, Typ, open_line, public_key_id, read_key_id
from analysts.incidents.display.display_safe import defang_text
from analysts.models import Workstation
from reports import sealing

# Including the header.
MOST_RESULT_LINES = MOST_DRAWN + 1
LONGEST_RESULT_LINE = 64 * 1024
# The most characters of a field path from the file that a reason quotes.
LONGEST_PLACE = 60


class ResultRefused(Exception):
    """A line is refused. The message is shown to the analyst and quotes no value from the line."""


class UnknownFormat(ResultRefused):
    """The header names a format that this version does not read."""


@dataclass(frozen=True, slots=True)
class ReadResult:
    """A parsed line. `content` is None if the line is refused for `reason`."""

    number: int
    content: ResultLine | None
    workstation: Workstation | None = None
    # SHA-256 of the signed payload, which identifies a repeated result.
    digest: bytes = b""
    reason: str = ""


def open_workstations() -> dict[str, Workstation]:
    """Maps the id of the signing key of each open workstation to it."""
    return {
        public_key_id(bytes(workstation.public_key)): workstation
        for workstation in Workstation.objects.filter(closed_on=None)
    }


def read_results(
    content: bytes, workstations: Mapping[str, Workstation], *results_keys: sealing.PrivateKey
) -> Iterator[ReadResult]:
    """Parse the non-empty lines of a file. `workstations`: as `open_workstations`; `results_keys`: any may open a line.

    Lines below a header of another format are refused unread, since they could be misunderstood.
    """
    numbered = [(number, line.strip()) for number, line in enumerate(content.split(b"\n"), start=1)]
    filled = [(number, line) for number, line in numbered if line]
    other_format = ""
    for number, line in filled[:MOST_RESULT_LINES]:
        if other_format:
            yield ReadResult(number, None, reason=other_format)
            continue
        try:
            yield _read_result(number, line, workstations, results_keys)
        except UnknownFormat as refused:
            other_format = str(refused)
            yield ReadResult(number, None, reason=other_format)
        except ResultRefused as refused:
            yield ReadResult(number, None, reason=str(refused))
    if len(filled) > MOST_RESULT_LINES:
        reason = _("More than %(number)s lines. The lines from here on were not read.")
        yield ReadResult(filled[MOST_RESULT_LINES][0], None, reason=reason % {"number": MOST_RESULT_LINES})


def _read_result(
    number: int, line: bytes, workstations: Mapping[str, Workstation], results_keys: Sequence[sealing.PrivateKey]
) -> ReadResult:
    if len(line) > LONGEST_RESULT_LINE:
        raise ResultRefused(_("This line is too long."))
    try:
        signed = _unseal_by_any(line, results_keys)
        workstation = workstations.get(read_key_id(signed, typ=Typ.RESULTS))
        if workstation is None:
            raise ResultRefused(_("Signed by a workstation that is closed or was never registered."))
        payload = open_line(signed, public=bytes(workstation.public_key), typ=Typ.RESULTS)
    except NoLine:
        raise ResultRefused(
            _("This is not a line of results for this installation: it is damaged, cut short or from another file.")
        ) from None
    except BadSignature:
        raise ResultRefused(_("The signature is invalid: the line was changed after it was signed.")) from None
    try:
        content = RESULT_LINES.validate_json(payload)
    except ValidationError as error:
        raise ResultRefused(describe_fault(error)) from None
    if isinstance(content, ResultsHead) and content.format not in RESULT_FORMATS:
        raise UnknownFormat(_("Written in a format that this version does not read. Update the workstation’s folder."))
    return ReadResult(number, content, workstation, hashlib.sha256(payload).digest())


def _unseal_by_any(line: bytes, results_keys: Sequence[sealing.PrivateKey]) -> str:
    """Raises NoLine if none of the keys opens the line."""
    for key in results_keys[:-1]:
        with suppress(NoLine):
            return unseal_line(line, key=key, typ=Typ.RESULTS)
    return unseal_line(line, key=results_keys[-1], typ=Typ.RESULTS)


def describe_fault(error: ValidationError) -> str:
    """The first fault of a line, without any value from it."""
    first = error.errors(include_url=False, include_input=False, include_context=False)[0]
    place = defang_text(".".join(map(str, first["loc"][1:]))[:LONGEST_PLACE])
    parts = {"place": place or _("the line"), "problem": first["msg"]}
    return _("Invalid format: %(place)s: %(problem)s") % parts
