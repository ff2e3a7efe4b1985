"""What came back from the isolated workstation, read line by line; nothing is believed that no known key signed."""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated

from django.utils.translation import gettext as _
from pydantic import Field, TypeAdapter, ValidationError

from analysts.handoff.format import MOST_ITEMS, Answer, AnswersHead
from analysts.handoff.signing import BadSignature, NoLine, Typ, kid, named_key, opened
from analysts.incidents.display_safe import harmless
from analysts.models import Workstation

# With its head.
MOST_LINES = MOST_ITEMS + 1
LONGEST_LINE = 32_768
# How much of a foreign name a reason quotes.
LONGEST_PLACE = 60

_LINES: TypeAdapter[AnswersHead | Answer] = TypeAdapter(Annotated[AnswersHead | Answer, Field(discriminator="kind")])


class Refused(Exception):
    """One line is not taken in. `reason` is for whoever brought the file, and quotes nothing of the line."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Read:
    """One line. `said` is None where it is refused for `reason`."""

    number: int
    said: AnswersHead | Answer | None
    workstation: Workstation | None = None
    # SHA-256 of what was signed: the same answer again has the same.
    digest: bytes = b""
    reason: str = ""


def read(content: bytes, workstations: Mapping[str, Workstation]) -> Iterator[Read]:
    """The lines of a file, empty ones left out. `workstations`: those in use, by the name of their key."""
    numbered = [(number, line.strip()) for number, line in enumerate(content.split(b"\n"), start=1)]
    told = [(number, line) for number, line in numbered if line]
    for number, line in told[:MOST_LINES]:
        try:
            yield _read(number, line, workstations)
        except Refused as refused:
            yield Read(number, None, reason=refused.reason)
    if len(told) > MOST_LINES:
        reason = _("More than %(number)s lines. What is behind this one was not read: split the file.")
        yield Read(told[MOST_LINES][0], None, reason=reason % {"number": MOST_LINES})


def by_key(workstations: list[Workstation]) -> dict[str, Workstation]:
    return {kid(bytes(workstation.public_key)): workstation for workstation in workstations}


def _read(number: int, line: bytes, workstations: Mapping[str, Workstation]) -> Read:
    if len(line) > LONGEST_LINE:
        raise Refused(_("This line is too long."))
    try:
        text = line.decode("ascii")
        workstation = workstations.get(named_key(text, typ=Typ.ANSWERS))
        if workstation is None:
            raise Refused(_("Signed by a workstation that is not registered, or not used any more."))
        payload = opened(text, public=bytes(workstation.public_key), typ=Typ.ANSWERS).payload
    except (NoLine, UnicodeDecodeError):
        raise Refused(_("This is no line of answers: damaged, cut short, or of another kind of file.")) from None
    except BadSignature:
        raise Refused(_("The signature is wrong: the line was changed after it was signed.")) from None
    return Read(number, _said(payload), workstation, hashlib.sha256(payload).digest())


def _said(payload: bytes) -> AnswersHead | Answer:
    try:
        return _LINES.validate_json(payload)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
    place = harmless(".".join(map(str, first["loc"][1:]))[:LONGEST_PLACE])
    told = {"place": place or _("the line"), "problem": first["msg"]}
    raise Refused(_("Not as the format asks: %(place)s: %(problem)s") % told)
