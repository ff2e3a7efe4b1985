"""Line formats of the files to and from the isolated workstation.

A file is UTF-8 text. Each line is a separately signed JSON object (`analysts.handoff.signing`), so that one bad line
affects no other. The first line is a header with the number of lines that follow, so that a file cut short is noticed.
These models read and write the objects, and are published as `docs/reference/handoff.schema.json`.
"""

import json
import re
import unicodedata
import uuid
from datetime import datetime
from typing import Annotated, Literal

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

# The most questions in a file: a day's work for one person. Also the most answers, because each takes several actions
# while the analyst waits for the page.
MOST_ITEMS = 200
# Each method once.
MOST_TRACES = len(TraceMethod)
# A percent-encoded address: each character of a report may be four bytes, and each byte three characters.
LONGEST_ADDRESS = 12 * LONGEST_TEXT

LONGEST_PROVIDER = Recipient._meta.get_field("name").max_length
LONGEST_NETWORK = HostingTrace._meta.get_field("network").max_length
LONGEST_NOTE = HostingTrace._meta.get_field("note").max_length

_MOMENT = re.compile(r"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?(Z|[+-]\d\d:\d\d)", re.ASCII)
# Zero-width joiner and non-joiner: some scripts need them, and they hide nothing here.
_JOINERS = "\u200c\u200d"


def _parse_moment(value: object) -> datetime:
    """Parse an RFC 3339 time of this century with a time zone; refuse other forms that Python would accept."""
    if isinstance(value, datetime):
        return value
    if not isinstance(value, str) or not _MOMENT.fullmatch(value):
        raise ValueError("not a time such as 2026-11-25T12:00:00Z")
    return datetime.fromisoformat(value)


def _check_visible_text(value: str) -> str:
    if any(unicodedata.category(char) in ("Cc", "Cf", "Cs", "Zl", "Zp") and char not in _JOINERS for char in value):
        raise ValueError("contains invisible characters")
    return value


def _check_country(value: str) -> str:
    if value not in dict(country_names("en")):
        raise ValueError("not a country code (ISO 3166-1)")
    return value


Moment = Annotated[AwareDatetime, BeforeValidator(_parse_moment)]
Country = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$"), AfterValidator(_check_country)]


class LinePayload(BaseModel):
    """The base of all lines: types are not coerced, and unknown fields are refused."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, hide_input_in_errors=True)

    def as_bytes(self) -> bytes:
        return self.model_dump_json(exclude_none=True).encode()


class ExportHead(LinePayload):
    """The first line of a file to the workstation."""

    kind: Literal["export"]
    format: Literal[1]
    file: uuid.UUID = Field(description="The id of this file.")
    made_at: Moment
    count: int = Field(ge=0, le=MOST_ITEMS, description="How many questions follow.")


class HandoffQuestion(LinePayload):
    """One incident, and what to find out about it."""

    kind: Literal["question"]
    file: uuid.UUID = Field(description="The id of the file it belongs to.")
    number: int = Field(ge=1, le=MOST_ITEMS, description="Its place in the file, from 1.")
    item: uuid.UUID = Field(description="The id that the answer repeats.")
    asked: list[WorkstationTask] = Field(min_length=1, max_length=len(WorkstationTask), description="Each task once.")
    round: int = Field(ge=1, le=32767, description="Goes up when the incident is opened again.")
    address: str = Field(min_length=1, max_length=LONGEST_ADDRESS, description="In clear. For the workstation only.")


class AnswersHead(LinePayload):
    """The first line of a file from the workstation."""

    kind: Literal["answers"]
    format: Literal[1]
    made_at: Moment
    count: int = Field(ge=0, le=MOST_ITEMS, description="How many answers follow.")


class Traced(LinePayload):
    """A hosting trace: where one method says that the content is hosted."""

    method: TraceMethod
    country: Country = Field(description="ISO 3166-1 alpha-2, the country of the server.")
    provider: Annotated[
        str,
        StringConstraints(strip_whitespace=True, min_length=1, max_length=LONGEST_PROVIDER),
        AfterValidator(_check_visible_text),
    ] = Field(description="The name of the hosting provider.")
    network: Annotated[
        str, StringConstraints(strip_whitespace=True, max_length=LONGEST_NETWORK), AfterValidator(_check_visible_text)
    ] = Field("", description="For example AS64496 Example Net; never an address.")
    note: Annotated[
        str, StringConstraints(strip_whitespace=True, max_length=LONGEST_NOTE), AfterValidator(_check_visible_text)
    ] = Field("", description="Never an address. Names the method where it is `other`.")
    at: Moment = Field(description="The time of the trace.")

    @model_validator(mode="after")
    def other_says_which(self) -> "Traced":
        if self.method == TraceMethod.OTHER and not self.note:
            raise ValueError("other: specify the method in the note")
        return self


class AvailabilityResult(LinePayload):
    """The result of an availability check."""

    outcome: CheckOutcome
    at: Moment = Field(description="The time of the check.")


class HandoffAnswer(LinePayload):
    """The answer to one question: hosting traces, an availability check, or both."""

    kind: Literal["answer"]
    item: uuid.UUID = Field(description="The id of the question.")
    traces: list[Traced] = Field(default=[], max_length=MOST_TRACES, description="Each method once.")
    available: AvailabilityResult | None = None

    @model_validator(mode="after")
    def says_something_once(self) -> "HandoffAnswer":
        if not self.traces and not self.available:
            raise ValueError("holds neither traces nor an availability check")
        if len({trace.method for trace in self.traces}) < len(self.traces):
            raise ValueError("names a method twice")
        return self


def build_json_schema() -> str:
    """Build the published JSON schema of a line's payload."""
    lines: TypeAdapter[ExportHead | HandoffQuestion | AnswersHead | HandoffAnswer] = TypeAdapter(
        Annotated[ExportHead | HandoffQuestion | AnswersHead | HandoffAnswer, Field(discriminator="kind")]
    )
    schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "The payload of one line of a file to or from the isolated workstation",
        **lines.json_schema(),
    }
    return json.dumps(schema, indent=2, sort_keys=True, ensure_ascii=False) + "\n"
