"""Parse an answers file line by line; only lines signed with a registered key are accepted."""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated

from django.utils.translation import gettext as _
from pydantic import Field, TypeAdapter, ValidationError

from analysts.handoff.format import MOST_ITEMS, AnswersHead, HandoffAnswer
from analysts.handoff.signing import BadSignature, NoLine, Typ, open_line, public_key_id, read_key_id
from analysts.incidents.display_safe import defang_text
from analysts.models import Workstation

# Including the header.
MOST_LINES = MOST_ITEMS + 1
LONGEST_LINE = 32_768
# The most characters of a field path from the file that a reason quotes.
LONGEST_PLACE = 60

_LINES: TypeAdapter[AnswersHead | HandoffAnswer] = TypeAdapter(
    Annotated[AnswersHead | HandoffAnswer, Field(discriminator="kind")]
)


class LineRefused(Exception):
    """A line is refused. `reason` is shown to the analyst and quotes no value from the line."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Read:
    """A parsed line. `said` is None if the line is refused for `reason`."""

    number: int
    said: AnswersHead | HandoffAnswer | None
    workstation: Workstation | None = None
    # SHA-256 of the signed payload, which identifies a repeated answer.
    digest: bytes = b""
    reason: str = ""


def read_answers(content: bytes, workstations: Mapping[str, Workstation]) -> Iterator[Read]:
    """Parse the non-empty lines of a file. `workstations`: maps the key id of each open workstation to it."""
    numbered = [(number, line.strip()) for number, line in enumerate(content.split(b"\n"), start=1)]
    filled = [(number, line) for number, line in numbered if line]
    for number, line in filled[:MOST_LINES]:
        try:
            yield _read_line(number, line, workstations)
        except LineRefused as refused:
            yield Read(number, None, reason=refused.reason)
    if len(filled) > MOST_LINES:
        reason = _("More than %(number)s lines. The lines from here on were not read. Split the file.")
        yield Read(filled[MOST_LINES][0], None, reason=reason % {"number": MOST_LINES})


def by_key(workstations: list[Workstation]) -> dict[str, Workstation]:
    return {public_key_id(bytes(workstation.public_key)): workstation for workstation in workstations}


def _read_line(number: int, line: bytes, workstations: Mapping[str, Workstation]) -> Read:
    if len(line) > LONGEST_LINE:
        raise LineRefused(_("This line is too long."))
    try:
        text = line.decode("ascii")
        workstation = workstations.get(read_key_id(text, typ=Typ.ANSWERS))
        if workstation is None:
            raise LineRefused(_("Signed by a workstation that is closed or was never registered."))
        payload = open_line(text, public=bytes(workstation.public_key), typ=Typ.ANSWERS).payload
    except (NoLine, UnicodeDecodeError):
        reason = _("This is not a line of answers: it is damaged, cut short or from another kind of file.")
        raise LineRefused(reason) from None
    except BadSignature:
        raise LineRefused(_("The signature is invalid: the line was changed after it was signed.")) from None
    return Read(number, _parse_payload(payload), workstation, hashlib.sha256(payload).digest())


def _parse_payload(payload: bytes) -> AnswersHead | HandoffAnswer:
    try:
        return _LINES.validate_json(payload)
    except ValidationError as error:
        raise LineRefused(describe_fault(error)) from None


def describe_fault(error: ValidationError) -> str:
    """The first fault of a line, without any value from it."""
    first = error.errors(include_url=False, include_input=False, include_context=False)[0]
    place = defang_text(".".join(map(str, first["loc"][1:]))[:LONGEST_PLACE])
    parts = {"place": place or _("the line"), "problem": first["msg"]}
    return _("Invalid format: %(place)s: %(problem)s") % parts
