"""What the lines of a file say that goes to the isolated workstation, and of one that comes back.

A file is text in UTF-8, one line a thing that is said, each line a JSON object signed for itself (`analysts.handoff.
signing`): one bad line spoils no other. The first line, the head, tells how many follow, so that a file that was cut
short is noticed. These models read and write the objects and are published as `docs/reference/handoff.schema.json`.
"""

import json
import re
import unicodedata
import uuid
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    TypeAdapter,
    model_validator,
)

from analysts.models import CheckOutcome, HostingTrace, Recipient, TraceMethod, WorkstationTask
from countries.languages import country_names
from reports.fields import LONGEST_TEXT

# Of one file: what one person at a workstation does in a day. Of one that comes back as many: each answer is a handful
# of acts, and somebody waits for the page while they are done.
MOST_ITEMS = 200
# Each method once.
MOST_TRACES = len(TraceMethod)
# The address as a browser takes it: each letter that a report names may be four bytes, and each of these encoded.
LONGEST_ADDRESS = 12 * LONGEST_TEXT

LONGEST_PROVIDER = Recipient._meta.get_field("name").max_length
LONGEST_NETWORK = HostingTrace._meta.get_field("network").max_length
LONGEST_NOTE = HostingTrace._meta.get_field("note").max_length

_MOMENT = re.compile(r"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?(Z|[+-]\d\d:\d\d)", re.ASCII)
# Marks that join letters or set their direction are part of some scripts, and of no trick in these.
_JOINERS = "\u200c\u200d"


def _parse_moment(value: Any) -> Any:
    """As RFC 3339 writes it, with a time zone, in this century: nothing else that a parser would take."""
    if isinstance(value, datetime):
        return value
    if not isinstance(value, str) or not _MOMENT.fullmatch(value):
        raise ValueError("not a moment such as 2026-11-25T12:00:00Z")
    return datetime.fromisoformat(value)


def _check_visible_text(value: str) -> str:
    if any(unicodedata.category(char) in ("Cc", "Cf", "Cs", "Zl", "Zp") and char not in _JOINERS for char in value):
        raise ValueError("holds characters that nobody sees")
    return value


def _check_country(value: str) -> str:
    if value not in dict(country_names("en")):
        raise ValueError("no country (ISO 3166-1)")
    return value


Moment = Annotated[AwareDatetime, BeforeValidator(_parse_moment)]
Country = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$"), AfterValidator(_check_country)]


class LinePayload(BaseModel):
    """Nothing is guessed: what has another type, or another name, is refused."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, hide_input_in_errors=True)

    def as_bytes(self) -> bytes:
        return self.model_dump_json(exclude_none=True).encode()


class ExportHead(LinePayload):
    """The first line of a file that goes to the workstation."""

    kind: Literal["export"]
    format: Literal[1]
    file: uuid.UUID = Field(description="The id of this file.")
    made_at: Moment
    count: int = Field(ge=0, le=MOST_ITEMS, description="How many questions follow.")


class HandoffQuestion(LinePayload):
    """One incident, and what somebody is to find out about it."""

    kind: Literal["question"]
    file: uuid.UUID = Field(description="The id of the file it belongs to.")
    number: int = Field(ge=1, le=MOST_ITEMS, description="Its place in the file, from 1.")
    item: uuid.UUID = Field(description="What the answer names.")
    asked: list[WorkstationTask] = Field(min_length=1, max_length=len(WorkstationTask), description="Each once.")
    round: int = Field(ge=1, le=32767, description="Goes up when the incident is opened again.")
    address: str = Field(min_length=1, max_length=LONGEST_ADDRESS, description="In clear. For the workstation only.")


class AnswersHead(LinePayload):
    """The first line of a file that comes back."""

    kind: Literal["answers"]
    format: Literal[1]
    made_at: Moment
    count: int = Field(ge=0, le=MOST_ITEMS, description="How many answers follow.")


class Traced(LinePayload):
    """Where one method says that it is hosted."""

    method: TraceMethod
    country: Country = Field(description="ISO 3166-1 alpha-2, where the machine stands.")
    provider: Annotated[
        str,
        StringConstraints(strip_whitespace=True, min_length=1, max_length=LONGEST_PROVIDER),
        AfterValidator(_check_visible_text),
    ] = Field(description="The name of the hosting provider.")
    network: Annotated[
        str, StringConstraints(strip_whitespace=True, max_length=LONGEST_NETWORK), AfterValidator(_check_visible_text)
    ] = Field("", description="Such as AS64496 Example Net; never an address.")
    note: Annotated[
        str, StringConstraints(strip_whitespace=True, max_length=LONGEST_NOTE), AfterValidator(_check_visible_text)
    ] = Field("", description="Never an address. Says which, where `other`.")
    at: Moment = Field(description="When it was found out.")

    @model_validator(mode="after")
    def other_says_which(self) -> "Traced":
        if self.method == TraceMethod.OTHER and not self.note:
            raise ValueError("other: say which in the note")
        return self


class AvailabilityResult(LinePayload):
    """Whether it was still there when somebody looked."""

    outcome: CheckOutcome
    at: Moment = Field(description="When somebody looked.")


class HandoffAnswer(LinePayload):
    """What was found out about one question: where it is hosted, whether it is there, or both."""

    kind: Literal["answer"]
    item: uuid.UUID = Field(description="Of the question.")
    traces: list[Traced] = Field(default=[], max_length=MOST_TRACES, description="Each method once.")
    available: AvailabilityResult | None = None

    @model_validator(mode="after")
    def says_something_once(self) -> "HandoffAnswer":
        if not self.traces and not self.available:
            raise ValueError("says nothing")
        if len({trace.method for trace in self.traces}) < len(self.traces):
            raise ValueError("names a method twice")
        return self


def build_json_schema() -> str:
    """The published JSON schema: what the payload of a line may be."""
    lines: TypeAdapter[Any] = TypeAdapter(
        Annotated[ExportHead | HandoffQuestion | AnswersHead | HandoffAnswer, Field(discriminator="kind")]
    )
    told = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "The payload of one line of a file to or from the isolated workstation",
        **lines.json_schema(),
    }
    return json.dumps(told, indent=2, sort_keys=True, ensure_ascii=False) + "\n"
