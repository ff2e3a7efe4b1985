"""What came back from the isolated workstation, read line by line; nothing is believed that no known key signed."""

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

# With its head.
MOST_LINES = MOST_ITEMS + 1
LONGEST_LINE = 32_768
# How much of a foreign name a reason quotes.
LONGEST_PLACE = 60

_LINES: TypeAdapter[AnswersHead | HandoffAnswer] = TypeAdapter(
    Annotated[AnswersHead | HandoffAnswer, Field(discriminator="kind")]
)


class LineRefused(Exception):
    """One line is not taken in. `reason` is for whoever brought the file, and quotes nothing of the line."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Read:
    """One line. `said` is None where it is refused for `reason`."""

    number: int
    said: AnswersHead | HandoffAnswer | None
    workstation: Workstation | None = None
    # SHA-256 of what was signed: the same answer again has the same.
    digest: bytes = b""
    reason: str = ""


def read_answers(content: bytes, workstations: Mapping[str, Workstation]) -> Iterator[Read]:
    """The lines of a file, empty ones left out. `workstations`: those in use, by the name of their key."""
    numbered = [(number, line.strip()) for number, line in enumerate(content.split(b"\n"), start=1)]
    told = [(number, line) for number, line in numbered if line]
    for number, line in told[:MOST_LINES]:
        try:
            yield _read_line(number, line, workstations)
        except LineRefused as refused:
            yield Read(number, None, reason=refused.reason)
    if len(told) > MOST_LINES:
        reason = _("More than %(number)s lines. What is behind this one was not read: split the file.")
        yield Read(told[MOST_LINES][0], None, reason=reason % {"number": MOST_LINES})


def by_key(workstations: list[Workstation]) -> dict[str, Workstation]:
    return {public_key_id(bytes(workstation.public_key)): workstation for workstation in workstations}


def _read_line(number: int, line: bytes, workstations: Mapping[str, Workstation]) -> Read:
    if len(line) > LONGEST_LINE:
        raise LineRefused(_("This line is too long."))
    try:
        text = line.decode("ascii")
        workstation = workstations.get(read_key_id(text, typ=Typ.ANSWERS))
        if workstation is None:
            raise LineRefused(_("Signed by a workstation that is not registered, or not used any more."))
        payload = open_line(text, public=bytes(workstation.public_key), typ=Typ.ANSWERS).payload
    except (NoLine, UnicodeDecodeError):
        raise LineRefused(_("This is no line of answers: damaged, cut short, or of another kind of file.")) from None
    except BadSignature:
        raise LineRefused(_("The signature is wrong: the line was changed after it was signed.")) from None
    return Read(number, _parse_payload(payload), workstation, hashlib.sha256(payload).digest())


def _parse_payload(payload: bytes) -> AnswersHead | HandoffAnswer:
    try:
        return _LINES.validate_json(payload)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
    place = defang_text(".".join(map(str, first["loc"][1:]))[:LONGEST_PLACE])
    told = {"place": place or _("the line"), "problem": first["msg"]}
    raise LineRefused(_("Not as the format asks: %(place)s: %(problem)s") % told)
