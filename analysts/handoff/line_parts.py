"""Parts of the lines of batch files and of their results: times, hosting traces and availability checks."""

import re
import unicodedata
from datetime import datetime
from typing import Annotated, Literal

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    model_validator,
)

from analysts.models import CheckOutcome, HostingTrace, Recipient, TraceMethod
from analysts.models.recipient import ContactSource
from analysts.takedown.tracing.host_addresses import LONGEST_HOST_ADDRESS, parse_host_address
from countries.languages import country_names
from reports.fields import LONGEST_TEXT

# Each method once.
MOST_TRACES = len(TraceMethod)
# A percent-encoded address: each character of a report may be four bytes, and each byte three characters.
LONGEST_ADDRESS = 12 * LONGEST_TEXT

LONGEST_PROVIDER = Recipient._meta.get_field("name").max_length
LONGEST_NETWORK = HostingTrace._meta.get_field("network").max_length
LONGEST_CONTACT = Recipient._meta.get_field("email").max_length
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


def _check_contact(value: str) -> str:
    try:
        validate_email(value or "empty@example.org")
    except ValidationError:
        raise ValueError("not an e-mail address") from None
    return value


Moment = Annotated[AwareDatetime, BeforeValidator(_parse_moment)]
Country = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$"), AfterValidator(_check_country)]


class LinePayload(BaseModel):
    """The base of all lines: types are not coerced, and unknown fields are refused."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, hide_input_in_errors=True)

    def as_bytes(self) -> bytes:
        return self.model_dump_json(exclude_none=True).encode()


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
    ip: Annotated[
        str,
        StringConstraints(strip_whitespace=True, max_length=LONGEST_HOST_ADDRESS),
        AfterValidator(parse_host_address),
    ] = Field("", description="The IP address of the host, in format 2; empty: not known.")
    contact: Annotated[
        str, StringConstraints(strip_whitespace=True, max_length=LONGEST_CONTACT), AfterValidator(_check_contact)
    ] = Field("", description="The provider's e-mail address for abuse, in format 3; proposed if it has none.")
    contact_source: ContactSource | Literal[""] = Field("", description="Where the contact was found.")
    at: Moment = Field(description="The time of the trace.")

    @model_validator(mode="after")
    def contact_has_a_source(self) -> "Traced":
        if bool(self.contact) != bool(self.contact_source):
            raise ValueError("contact: needs its source")
        return self

    @model_validator(mode="after")
    def other_says_which(self) -> "Traced":
        if self.method == TraceMethod.OTHER and not self.note:
            raise ValueError("other: specify the method in the note")
        return self


class AvailabilityResult(LinePayload):
    """The result of an availability check."""

    outcome: CheckOutcome
    at: Moment = Field(description="The time of the check.")
