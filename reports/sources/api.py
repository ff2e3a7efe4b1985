"""The HTTP API for partner organisations' systems. `docs/reference/sources-openapi.json` is generated from it.

Nothing here reads what staff know: an answer depends on what was sent, and on what the same source sent before.
"""

import json
import logging
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from django.core.exceptions import RequestDataTooBig
from django.db import Error
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from ninja import Header, Path, Schema
from ninja.errors import AuthenticationError, ValidationError

from countries import machine_api
from reports import actions, keys
from reports.sources import items, storing
from reports.sources.items import MOST_ITEMS, ItemRefusal, RefusalReason, ReportItem

JSON = "application/json"
LINES = "application/x-ndjson"
PROBLEM = "application/problem+json"
REQUEST_KEY = r"^[!-~]{1,128}$"
REFERENCE = r"^[A-Za-z0-9._-]{1,64}$"
RETRY_SECONDS = 30
# Bytes of the answer about one report: both states are of one length.
STATE_BYTES = 64
logger = logging.getLogger(__name__)


class ItemAnswer(Schema):
    """`reason`, `pointer` and `detail` are those of a refused item."""

    item: int
    outcome: Literal["accepted", "refused"]
    reason: RefusalReason | None = None
    pointer: str | None = None
    detail: str | None = None


class RequestAnswer(Schema):
    accepted: int
    refused: int
    items: list[ItemAnswer]


class StateAnswer(Schema):
    """`closed` once all of it was decided since it arrived. Changes once a day."""

    state: Literal["received", "closed"]


class ProblemPart(Schema):
    pointer: str
    reason: str
    detail: str


class Problem(Schema):
    """RFC 9457."""

    type: str
    title: str
    status: int
    errors: list[ProblemPart] | None = None


PROBLEMS: Mapping[str, tuple[int, str]] = {
    "unreadable": (400, "The body is not what its content type says."),
    "no-idempotency-key": (400, "An Idempotency-Key of 1 to 128 visible ASCII characters is required."),
    "no-key": (401, "Missing or invalid key. Send it as Authorization: Bearer <key>"),
    "not-found": (404, "You have not sent this reference."),
    "still-running": (409, "This request, or another one of yours, is being answered. Send it again in a moment."),
    "too-large": (413, "The body or the number of items is over the limit. Send it in parts."),
    "content-type": (415, "Send application/json or application/x-ndjson."),
    "known-key-other-body": (422, "This Idempotency-Key was used for another request."),
    "refused": (422, "This report is refused."),
    "away": (503, "Nothing was stored. Send the same request again."),
}
PROBLEM_STATUSES = sorted({status for status, _title in PROBLEMS.values()})


class KeyedRequest(HttpRequest):
    """A request with an open key of a source."""

    source: storing.KnownSource


class BySourceKey(machine_api.ByKey):
    """Finds the holder of the key; the same answer for a missing, wrong, closed or expired one."""

    def __call__(self, request: HttpRequest) -> object | None:
        request.source = storing.find_source(request.headers.get("Authorization", ""))  # type: ignore[attr-defined]
        return super().__call__(request)


api = machine_api.describe_api(
    title="Reports of partner organisations",
    description="Reports of suspected child sexual abuse material, by hotlines, platforms and police. See"
    " docs/guides/sources.md.",
    namespace="sources_api",
    key=BySourceKey("source"),
)


def _problem_contents() -> dict[int, Any]:
    schema = Problem.model_json_schema()
    parts = schema.pop("$defs")["ProblemPart"]
    schema["properties"]["errors"]["anyOf"][0]["items"] = parts
    return {status: {"description": "Refused", "content": {PROBLEM: {"schema": schema}}} for status in PROBLEM_STATUSES}


def _body_schema() -> dict[str, Any]:
    schema = ReportItem.model_json_schema()
    lines = {"type": "string", "description": f"At most {MOST_ITEMS} lines, each a report as in {JSON}."}
    return {"required": True, "content": {JSON: {"schema": schema}, LINES: {"schema": lines}}}


@api.post(
    "reports",
    response={200: RequestAnswer},
    openapi_extra={"requestBody": _body_schema(), "responses": _problem_contents()},
    operation_id="send_reports",
    summary="Send one report, or up to 1,000 a line each",
)
def send_reports(
    request: KeyedRequest,
    idempotency_key: Annotated[
        str, Header(alias="Idempotency-Key", pattern=REQUEST_KEY, description="Yours, once for each request.")
    ],
) -> HttpResponse:
    content_type = request.content_type or ""
    if content_type not in (JSON, LINES):
        return problem("content-type")
    try:
        body = request.body
    except RequestDataTooBig:
        return problem("too-large")
    try:
        lines = _lines_of(body, content_type)
    except ValueError:
        return problem("unreadable")
    if len(lines) > MOST_ITEMS:
        return problem("too-large")
    read = [items.read_item(line) for line in lines]
    if content_type == JSON and isinstance(refusal := read[0], ItemRefusal):
        return refuse_report(refusal)
    return _store(request.source, read, request_key=idempotency_key, body=body, is_one=content_type == JSON)


def _lines_of(body: bytes, content_type: str) -> list[str]:
    """One text for each item. Raises ValueError for what is no text, and for nothing at all."""
    text = body.decode()
    lines = [text] if content_type == JSON else [line for line in text.split("\n") if line.strip()]
    if not lines:
        raise ValueError("Empty.")
    return lines


def _store(
    source: storing.KnownSource, read: list[ReportItem | ItemRefusal], *, request_key: str, body: bytes, is_one: bool
) -> HttpResponse:
    try:
        answers = storing.store_items(source, read, request_key=request_key, body=body, now=timezone.now())
    except storing.OtherBody:
        return problem("known-key-other-body")
    except storing.StillRunning:
        return problem("still-running")
    except storing.KeyGone:
        return problem("no-key")
    except (keys.NoOpenKey, actions.KeyClosed, Error) as error:
        logger.exception("not stored", exc_info=error, extra={"fact": "reports of a source were not stored"})
        return problem("away")
    refused = sum(answer["outcome"] == "refused" for answer in answers)
    if is_one and refused:
        # For its reference or the quota, of which only the database knows.
        return refuse_report(ItemRefusal(RefusalReason(str(answers[0]["reason"]))))
    shown = {"accepted": len(answers) - refused, "refused": refused, "items": answers}
    return HttpResponse(_encode(shown), content_type=JSON)


@api.get(
    "reports/{reference}",
    response={200: StateAnswer},
    openapi_extra={"responses": _problem_contents()},
    operation_id="state",
    summary="Whether a report is closed",
)
def state(request: KeyedRequest, reference: Annotated[str, Path(pattern=REFERENCE)]) -> HttpResponse:
    found = storing.state_of(request.source, reference)
    if found is None:
        return problem("not-found")
    return HttpResponse(_encode({"state": found}).ljust(STATE_BYTES), content_type=JSON)


def problem(name: str, errors: list[dict[str, str]] | None = None) -> HttpResponse:
    status, title = PROBLEMS[name]
    found: dict[str, object] = {"type": f"urn:portals:problem:{name}", "title": title, "status": status}
    response = HttpResponse(
        _encode(found | ({"errors": errors} if errors else {})), status=status, content_type=PROBLEM
    )
    if status == 401:
        response.headers["WWW-Authenticate"] = "Bearer"
    if status in (409, 503):
        response.headers["Retry-After"] = str(RETRY_SECONDS)
    return response


def refuse_report(refusal: ItemRefusal) -> HttpResponse:
    part = {
        "pointer": f"#{refusal.pointer}",
        "reason": refusal.reason.value,
        "detail": items.DETAILS[refusal.reason],
    }
    return problem("refused", [part])


def _encode(content: Mapping[str, object]) -> str:
    return json.dumps(content, separators=(",", ":"))


@api.exception_handler(AuthenticationError)
def handle_no_key(request: HttpRequest, error: AuthenticationError) -> HttpResponse:
    return problem("no-key")


@api.exception_handler(ValidationError)
def handle_invalid(request: HttpRequest, error: ValidationError) -> HttpResponse:
    """An Idempotency-Key or a reference that cannot be one; neither is repeated."""
    return problem("no-idempotency-key" if request.method == "POST" else "not-found")


@api.exception_handler(Error)
def handle_away(request: HttpRequest, error: Error) -> HttpResponse:
    logger.exception("away", exc_info=error, extra={"fact": "the database does not answer the surface of sources"})
    return problem("away")


def openapi_description() -> dict[str, Any]:
    return machine_api.openapi_description(api, path_prefix="/api/v1/")
