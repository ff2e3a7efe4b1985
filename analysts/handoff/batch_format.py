"""Payloads of the lines of batch files and of their results.

The first line of a file is a header with the number of lines that follow. These models read and write the lines, and
are published as `docs/reference/batch.schema.json`. `format` is raised when a reader of the one before would
misunderstand a line; results in each of RESULT_FORMATS are accepted.
"""

import json
import uuid
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, StringConstraints, TypeAdapter, model_validator

from analysts.codes import (
    AgeBand,
    Commerciality,
    ContentKind,
    ContentWarning,
    Flag,
    FoundOn,
    PaymentKind,
    Reason,
    Severity,
    Sex,
    SiteType,
    Verdict,
    VerdictBasis,
)
from analysts.handoff.line_parts import LONGEST_ADDRESS, MOST_TRACES, AvailabilityResult, LinePayload, Moment, Traced
from analysts.models import BatchKind

# 2: a trace may have the IP address of the host; 3: the abuse contact of the provider.
RESULT_FORMATS = (1, 2, 3)
MOST_DRAWN = 50
LONGEST_BATCH_NOTE = 1_000
DAY = 24 * 60 * 60

type WorkstationTask = Literal["trace", "available"]


def _check_note(value: str) -> str:
    if any(char < " " and char not in "\n\t" for char in value):
        raise ValueError("contains control characters")
    return value


class CodeOption(LinePayload):
    """One code of a list."""

    code: str
    label: str
    definition: str
    only_for: list[str] = Field(default=[], description="Of a reason: the verdicts it applies to. Empty: any.")


class CodeGroup(LinePayload):
    """A field of the assessment form with its code list, in the order and with the keys of the staff site."""

    field: str
    label: str
    help: str
    key: str = Field(description="The key that opens the group; empty: none.")
    several: bool = Field(description="Whether several codes can be chosen.")
    folded: bool = Field(description="Whether it usually keeps its initial value.")
    clearable: bool = Field(description="Whether the choice can be cleared again.")
    initial: str
    asked_if: dict[str, list[str]] = Field(description="It is asked if these fields have one of these codes.")
    options: list[CodeOption]


class TaxonomyRule(LinePayload):
    """If `field` has one of `codes` (with `unless`: has none of them), the rest must hold."""

    field: str
    codes: list[str]
    unless: bool = False
    required: list[str] = []
    empty: list[str] = []
    contains: dict[str, str] = {}
    message: str


class WelfareLimits(LinePayload):
    """Limits that protect the person who draws the batch. Numbers of seconds, of the day on which it is drawn."""

    budget: int = Field(ge=0, description="Left of the limit of the day.")
    break_after: int = Field(ge=0, description="Of exposure, until a break is due.")
    since_break: int = Field(ge=0, description="Of exposure, before the batch was drawn.")
    break_length: int = Field(ge=0)
    cut_off: Moment | None = Field(description="After it, nothing is shown.")
    hide_after: int = Field(ge=0, description="Without any input.")
    severe_in_a_row: int = Field(ge=1, description="Of category A, after which another incident follows.")
    site_in_a_row: int = Field(ge=1, description="Of one site, after which another follows.")


class BatchHead(LinePayload):
    """The first line of a batch."""

    kind: Literal["batch"]
    format: Literal[2]
    batch: uuid.UUID
    drawn_by: str = Field(description="The account that drew it.")
    made_at: Moment
    until: Moment = Field(description="When the incidents go back to the queue.")
    count: int = Field(ge=0, le=MOST_DRAWN, description="How many incidents follow.")
    results_key: str = Field(description="The key that results are sealed to, in base64.")
    limits: WelfareLimits
    groups: list[CodeGroup] = Field(description="Empty where nothing is to be assessed.")
    rules: list[TaxonomyRule]
    methods: dict[str, str] = Field(description="Tracing methods with their labels.")
    countries: dict[str, str] = Field(description="ISO 3166-1 alpha-2, with their names.")
    labels: dict[str, str] = Field(description="Labels of content warnings and of results of availability checks.")


class TextSegment(LinePayload):
    text: str
    masked: bool = Field(False, description="A word that stays masked until the person asks for it.")


class ReportText(LinePayload):
    """A field of a report, in the reporter's words."""

    label: str
    parts: list[TextSegment]


class BatchReport(LinePayload):
    portal: str
    language: str
    hour: Moment
    ticked: list[str]
    texts: list[ReportText]


class HostHistory(LinePayload):
    """Another incident of the same host; the verdict is empty until it is decided."""

    number: str
    last_reported: str
    verdict: str


class SuggestedHosting(LinePayload):
    """Where the host was traced last. Each method has to name it afresh."""

    country: str
    provider: str
    network: str = Field(default="", description="Such as AS64496 Example Net; empty if unknown.")
    at: Moment


class ChecksSoFar(LinePayload):
    """The availability checks in a row that found it removed, and how many end the takedown."""

    in_a_row: int = Field(ge=0)
    needed: int = Field(ge=1)
    counts_from: Moment | None = Field(default=None, description="From when another one counts; null before the first.")


class BatchIncident(LinePayload):
    """One incident of a batch."""

    kind: Literal["incident"]
    batch: uuid.UUID
    number: int = Field(ge=1, le=MOST_DRAWN, description="Its place in the file, from 1.")
    item: uuid.UUID = Field(description="The id that the result repeats.")
    incident: str = Field(description="The incident number.")
    work: BatchKind
    asked: list[WorkstationTask] = Field(description="Empty for assessments.")
    address: str = Field(min_length=1, max_length=LONGEST_ADDRESS, description="In clear.")
    site: int = Field(ge=0, description="Equal for incidents of one site; 0 if it is not known.")
    warnings: list[ContentWarning]
    warnings_of_site: list[ContentWarning]
    found_on: str = Field(description="The place that the reporter named, as a code; empty if unknown.")
    reports: list[BatchReport]
    more_reports: bool
    history: list[HostHistory]
    suggested: SuggestedHosting | None = Field(default=None, description="Of an incident to trace.")
    checks: ChecksSoFar | None = Field(default=None, description="Of an incident to trace or check.")
    words_first: bool | None = Field(
        default=None, description="Whether the words show with the address, as they may name a danger."
    )


class ResultsHead(LinePayload):
    """The first line of results."""

    kind: Literal["results"]
    format: int
    batch: uuid.UUID
    made_at: Moment
    count: int = Field(ge=0, le=MOST_DRAWN, description="How many results follow.")


class Decision(LinePayload):
    """An assessment. Empty: not chosen; the rules of the batch say what is required."""

    verdict: Verdict
    basis: VerdictBasis | Literal[""] = ""
    severity: Severity | Literal[""] = ""
    age_band: AgeBand | Literal[""] = ""
    sex: Sex | Literal[""] = ""
    reason: Reason | Literal[""] = ""
    flags: list[Flag] = Field(default=[], max_length=len(Flag))
    notices: list[ContentWarning] = Field(default=[], max_length=len(ContentWarning))
    content_kind: ContentKind | Literal[""] = ""
    found_on: FoundOn | Literal[""] = ""
    site_type: SiteType | Literal[""] = ""
    commerciality: Commerciality | Literal[""] = ""
    payment: PaymentKind | Literal[""] = ""


class BatchResult(LinePayload):
    """The result of one incident: a decision, traces, an availability check, a note; or that it was skipped."""

    kind: Literal["result"]
    batch: uuid.UUID
    item: uuid.UUID
    seconds: int = Field(ge=0, le=DAY, description="How long the incident was revealed.")
    skipped: bool = False
    decision: Decision | None = None
    traces: list[Traced] = Field(default=[], max_length=MOST_TRACES, description="Each method once.")
    available: AvailabilityResult | None = None
    note: Annotated[
        str,
        StringConstraints(strip_whitespace=True, max_length=LONGEST_BATCH_NOTE),
        AfterValidator(_check_note),
    ] = ""

    @model_validator(mode="after")
    def says_one_thing(self) -> "BatchResult":
        has_result = bool(self.decision or self.traces or self.available)
        if self.skipped == has_result:
            raise ValueError("either skipped or with a result")
        if len({trace.method for trace in self.traces}) < len(self.traces):
            raise ValueError("names a method twice")
        return self


type BatchLine = BatchHead | BatchIncident
type ResultLine = ResultsHead | BatchResult

RESULT_LINES: TypeAdapter[ResultLine] = TypeAdapter(Annotated[ResultsHead | BatchResult, Field(discriminator="kind")])


def build_batch_schema() -> str:
    """Build the published JSON schema of a line's payload."""
    lines: TypeAdapter[BatchLine | ResultLine] = TypeAdapter(
        Annotated[BatchHead | BatchIncident | ResultsHead | BatchResult, Field(discriminator="kind")]
    )
    schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "The payload of one line of a batch for the isolated workstation, or of its results",
        **lines.json_schema(),
    }
    return json.dumps(schema, indent=2, sort_keys=True, ensure_ascii=False) + "\n"
