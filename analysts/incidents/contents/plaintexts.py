"""Decrypted content, as it is passed on; never stored, and without a text of its own that a log could show."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

# The fields of a decrypted envelope, by form field.
type Payload = dict[str, str | list[str]]


@dataclass(frozen=True, slots=True, repr=False)
class OpenAddress:
    """A decrypted address: normalised, as it is sent, and as a reporter wrote it (of an incident: the first)."""

    normalised: str
    reported: str


@dataclass(frozen=True, slots=True, repr=False)
class OpenEnvelope:
    """A decrypted submission; `payload` is empty if it was erased or could not be decrypted."""

    id: uuid.UUID
    kind: str
    received_hour: datetime
    payload: Payload
    unreadable: bool
    erased_on: date | None


@dataclass(frozen=True, slots=True, repr=False)
class OpenCopy:
    """A decrypted copy of an address, and what the letter stated about it; None where it was sealed without that."""

    address: str
    facts: Mapping[str, str] | None


@dataclass(frozen=True, slots=True, repr=False)
class OpenQuestion:
    """A decrypted question from staff; `text` is empty if it was erased or could not be decrypted."""

    id: uuid.UUID
    asked_on: date
    text: str
    erased_on: date | None
