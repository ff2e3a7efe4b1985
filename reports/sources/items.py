"""An item that a source sends: its fields, what is refused, and what is sealed of it.

Pure functions of what was sent: nothing is looked up, so that no answer can depend on whether an address is known. No
refusal names a value, nor a field that the format does not have.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from ipaddress import ip_address
from typing import Annotated

from ninja import Field, Schema
from pydantic import ConfigDict, StrictBool, StrictStr, ValidationError

from reports import sealing
from reports.addresses import find_addresses, mask_addresses
from reports.fields import LONGEST_LINE
from reports.forms import LONGEST_STORY, Tick
from reports.models import LANGUAGE_TAG
from reports.safety.files import without_files
from reports.safety.personal import personal_in

MOST_ITEMS = 1000
MOST_ADDRESSES = 50
LONGEST_ADDRESS = 2000
# Bytes of a sealed item: the size class below the largest one.
LARGEST_ITEM = sealing.LARGEST_CLASS // 2
MOMENT = r"^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2})?(Z|[+-]\d{2}:\d{2}))?$"
# The field of the sealed report that says that a source sent it. Only the database's row proves it.
REFERENCE = "reference"

Line = Annotated[StrictStr, Field(max_length=LONGEST_LINE)]


class RefusalReason(StrEnum):
    """Why an item is refused. Never that its address is known, or what became of it."""

    NOT_AN_OBJECT = "not_an_object"
    DOUBLED_KEY = "doubled_key"
    UNKNOWN_FIELD = "unknown_field"
    MISSING = "missing"
    WRONG_VALUE = "wrong_value"
    TOO_LONG = "too_long"
    NOT_AN_ADDRESS = "not_an_address"
    FILE = "file"
    PERSONAL_DATA = "personal_data"
    NOT_A_HOST = "not_a_host"
    REFERENCE_USED = "reference_used"
    QUOTA = "quota"


DETAILS: Mapping[RefusalReason, str] = {
    RefusalReason.NOT_AN_OBJECT: "Not one JSON object.",
    RefusalReason.DOUBLED_KEY: "A key is there twice.",
    RefusalReason.UNKNOWN_FIELD: "There is a field that reports do not have. E-mail addresses, telephone numbers and"
    " data about persons are not taken.",
    RefusalReason.MISSING: "Required, or one of two that exclude each other.",
    RefusalReason.WRONG_VALUE: "Not of the form that the description names.",
    RefusalReason.TOO_LONG: "Longer than the description allows.",
    RefusalReason.NOT_AN_ADDRESS: "Not one web address.",
    RefusalReason.FILE: "Seems to contain a file. Only text is taken.",
    RefusalReason.PERSONAL_DATA: "Seems to contain an e-mail address or a telephone number.",
    RefusalReason.NOT_A_HOST: "Not a public IP address.",
    RefusalReason.REFERENCE_USED: "This reference was used for another report, with another key, or too long ago.",
    RefusalReason.QUOTA: "The addresses of today are used up. Send it tomorrow, with another Idempotency-Key.",
}


class ReportItem(Schema):
    """One report: web addresses, or an account on an app or platform. All else may be left out."""

    model_config = ConfigDict(extra="forbid")

    external_reference: Annotated[
        StrictStr,
        Field(
            pattern=r"^[A-Za-z0-9._-]{1,64}$", description="Yours, once for each report. It must not identify a person."
        ),
    ]
    addresses: list[Annotated[StrictStr, Field(min_length=1, max_length=LONGEST_ADDRESS)]] = Field(
        [], max_length=MOST_ADDRESSES, description="Web addresses, written out. Required unless there is an account."
    )
    platform: Line = Field("", description="The app or platform of the account.")
    account: Line = Field("", description="The reported user name or group. Required unless there are addresses.")
    found_on: Line = Field("", description="Where it was found: a page, or a kind of place.")
    seen_at: StrictStr | None = Field(None, pattern=MOMENT, description="A date, or a time with its zone.")
    language: StrictStr = Field("en", max_length=12, pattern=LANGUAGE_TAG, description="Of the words.")
    words: Annotated[StrictStr, Field(max_length=LONGEST_STORY)] = Field("", description="Free words. Sealed.")
    their_classification: Line = Field("", description="Your own classification, in your words.")
    danger: StrictBool = Field(False, description="A child may be in danger now.")
    hosting_address: Annotated[StrictStr, Field(max_length=45)] = Field(
        "", description="The IP address of the host of the content; never that of a person."
    )

    @property
    def counted_keys(self) -> list[str]:
        """The addresses as the quota counts them, each once in however many ways it is written; or the account."""
        keys = [address.key for address in find_addresses("\n".join(self.addresses))]
        return keys or [f"{self.platform}|{self.account}"]

    def payload(self) -> dict[str, sealing.JSON]:
        """The sealed report, with the fields of a reporter's form where there is one."""
        fields: dict[str, sealing.JSON] = {
            "addresses": "\n".join(self.addresses),
            "platform": self.platform,
            "account": self.account,
            "happened": self.words,
            "found_on": self.found_on,
            "seen_on": self.seen_at or "",
            "their_classification": self.their_classification,
            "hosting_address": self.hosting_address,
            REFERENCE: self.external_reference,
            "facts": [Tick.CHILD_IN_DANGER.value] if self.danger else [],
        }
        return {name: value for name, value in fields.items() if value or name == "addresses"}


@dataclass(frozen=True, slots=True)
class ItemRefusal:
    """`pointer`: the JSON pointer of the field within the item; "" for the item."""

    reason: RefusalReason
    pointer: str = ""


class Doubled(ValueError):
    """A key is twice in one object."""


def read_object(text: bytes | str) -> dict[str, object]:
    """The JSON object that the text is. Raises Doubled, and ValueError for anything else."""
    try:
        decoded = text.decode() if isinstance(text, bytes) else text
        value = json.loads(decoded, object_pairs_hook=_without_doubles, parse_constant=_refuse_constant)
    except RecursionError:
        value = None
    if not isinstance(value, dict):
        raise ValueError("Not an object.")
    return value


def _without_doubles(pairs: Sequence[tuple[str, object]]) -> dict[str, object]:
    if len(made := dict(pairs)) < len(pairs):
        raise Doubled
    return made


def _refuse_constant(name: str) -> object:
    raise ValueError("Not JSON.")


def read_item(text: bytes | str) -> ReportItem | ItemRefusal:
    """The item of a JSON text, or the first reason to refuse it."""
    try:
        return read_fields(read_object(text))
    except Doubled:
        return ItemRefusal(RefusalReason.DOUBLED_KEY)
    except ValueError:
        return ItemRefusal(RefusalReason.NOT_AN_OBJECT)


def read_fields(fields: Mapping[str, object]) -> ReportItem | ItemRefusal:
    try:
        item = ReportItem.model_validate(fields)
    except ValidationError as error:
        return _refusal_of(error)
    return next(_faults(item), None) or item


def _refusal_of(error: ValidationError) -> ItemRefusal:
    """The first error; its values stay behind. An unknown name is a value too: it has no pointer."""
    first = error.errors(include_url=False, include_context=False, include_input=False)[0]
    match first["type"]:
        case "extra_forbidden":
            return ItemRefusal(RefusalReason.UNKNOWN_FIELD)
        case "missing":
            reason = RefusalReason.MISSING
        case "string_too_long" | "too_long":
            reason = RefusalReason.TOO_LONG
        case _:
            reason = RefusalReason.WRONG_VALUE
    return ItemRefusal(reason, "".join(f"/{part}" for part in first["loc"]))


def _faults(item: ReportItem) -> Iterator[ItemRefusal]:
    if bool(item.addresses) == bool(item.account.strip()):
        yield ItemRefusal(RefusalReason.MISSING, "/addresses")
    if item.account and not item.platform.strip():
        yield ItemRefusal(RefusalReason.MISSING, "/platform")
    yield from _faults_of_addresses(item.addresses)
    for name in ("platform", "account", "found_on", "words", "their_classification"):
        text: str = getattr(item, name)
        if without_files(text, "") != text:
            yield ItemRefusal(RefusalReason.FILE, f"/{name}")
        # The account is what is reported.
        if name != "account" and personal_in(mask_addresses(text)):
            yield ItemRefusal(RefusalReason.PERSONAL_DATA, f"/{name}")
    if item.seen_at and not _is_moment(item.seen_at):
        yield ItemRefusal(RefusalReason.WRONG_VALUE, "/seen_at")
    if item.hosting_address and not _is_public_host(item.hosting_address):
        yield ItemRefusal(RefusalReason.NOT_A_HOST, "/hosting_address")
    if len(json.dumps(item.payload())) > LARGEST_ITEM:
        yield ItemRefusal(RefusalReason.TOO_LONG)


def _faults_of_addresses(addresses: Sequence[str]) -> Iterator[ItemRefusal]:
    for number, address in enumerate(addresses):
        if without_files(address, "") != address:
            yield ItemRefusal(RefusalReason.FILE, f"/addresses/{number}")
        if len(address.split()) != 1 or len(find_addresses(address)) != 1:
            yield ItemRefusal(RefusalReason.NOT_AN_ADDRESS, f"/addresses/{number}")


def _is_moment(text: str) -> bool:
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return True


def _is_public_host(text: str) -> bool:
    try:
        return ip_address(text).is_global
    except ValueError:
        return False
