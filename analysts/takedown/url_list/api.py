"""The HTTP API of the URL list for members' systems. `docs/reference/url-list-openapi.json` is generated from it.

`portal_site.access_middleware` refuses requests without an open key before these views run.
"""

import uuid
from collections.abc import Iterable
from datetime import date, timedelta
from enum import StrEnum
from typing import Annotated, Any, Literal

from django.http import HttpRequest, HttpResponse, JsonResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import get_conditional_response
from ninja import Field, Query, Schema
from ninja.errors import ValidationError

from analysts.models import FeedScope, MemberKey
from analysts.takedown.url_list import feed, members
from analysts.takedown.url_list.formats import CONTENT_TYPES, Format, render_feed
from countries import machine_api
from reports.models import the_hour

MOST_CHANGES = 10_000
# The maximum of PostgreSQL's bigint.
HIGHEST = 2**63 - 1
# A lockdown lasts for hours.
RETRY_HELD_SECONDS = 15 * 60
NOT_YOURS = "This key is for hashes only."


class MemberRequest(HttpRequest):
    """A request with a valid member key."""

    member: MemberKey


class Variant(StrEnum):
    ADDRESSES = "addresses"
    HASHES = "hashes"


class Entry(Schema):
    """One entry as its latest change left it. It has `address` or `sha256`, by the variant; null once it is removed."""

    id: uuid.UUID
    version: int = Field(ge=1)
    change: Literal["add", "remove"]
    on: date
    address: str | None = None
    sha256: str | None = Field(None, pattern="^[0-9a-f]{64}$")


class FullList(Schema):
    version: int = Field(ge=0, description="Ask for changes since this version from now on.")
    variant: Variant
    count: int = Field(ge=0)
    entries: list[Entry]


class Changes(Schema):
    since: int = Field(ge=0)
    version: int = Field(ge=0, description="Ask for changes since this version next.")
    current: int = Field(ge=0, description="The version of the whole list.")
    more: bool = Field(description="Whether there are further changes already.")
    next: str | None = Field(description="Where these are.")
    variant: Variant
    count: int = Field(ge=0)
    entries: list[Entry]


class Refusal(Schema):
    detail: str


class Invalid(Refusal):
    fields: list[str]


class Ahead(Refusal):
    current: int = Field(description="The version of the whole list.")


# `access_middleware` has checked the key.
api = machine_api.describe_api(
    title="URL list",
    description="Addresses of live child sexual abuse material, for members to block. See docs/guides/url-list.md.",
    namespace="url_list_api",
    key=machine_api.ByKey("member"),
)

HEADERS = {
    "ETag": {"description": "Send it as If-None-Match next time.", "schema": {"type": "string"}},
    "List-Version": {"description": "Ask for changes since this version next.", "schema": {"type": "integer"}},
    "Link": {"description": 'rel="next": further changes, if any.', "schema": {"type": "string"}},
}
CSV = {"text/csv": {"schema": {"type": "string", "description": "id,version,change,on, and address or sha256"}}}
REFUSALS: dict[int, type[Refusal] | None] = {
    304: None,
    400: Refusal,
    401: Refusal,
    403: Refusal,
    404: Refusal,
    422: Invalid,
    429: Refusal,
    503: Refusal,
}
EXTRA = {"responses": {200: {"content": CSV, "headers": HEADERS}}}


@api.get(
    "url-list/",
    response={200: FullList, **REFUSALS},
    openapi_extra=EXTRA,
    operation_id="full",
    summary="The whole list",
)
def full(
    request: MemberRequest,
    variant: Annotated[Variant | None, Query(description="By default the one of the key's scope.")] = None,
    format: Annotated[Format, Query()] = Format.JSON,
) -> HttpResponseBase:
    scope = variant_for(request.member, variant)
    if scope is None:
        return error_response(403, NOT_YOURS)
    current = feed.current_version()
    if unchanged := not_modified(request, etag := build_etag(current, scope, format)):
        return unchanged
    rows, now = feed.live_entries(current), timezone.now()
    count = rows.count()
    if not members.record_download(key=request.member, variant=scope, since=None, until=current, count=count, now=now):
        return too_often()
    head = {"version": current, "variant": str(scope), "count": count}
    return stream_response(
        render_feed(feed.item_batches(rows, scope), scope, format, head), format, etag=etag, version=current
    )


@api.get(
    "url-list/changes",
    response={200: Changes, **REFUSALS, 409: Ahead},
    openapi_extra=EXTRA,
    operation_id="changes",
    summary="What changed since a version",
)
def changes(
    request: MemberRequest,
    since: Annotated[int, Query(ge=0, le=HIGHEST, description="The version that you have.")],
    limit: Annotated[int, Query(ge=1, le=MOST_CHANGES)] = 1000,
    variant: Annotated[Variant | None, Query(description="By default the one of the key's scope.")] = None,
    format: Annotated[Format, Query()] = Format.JSON,
) -> HttpResponseBase:
    scope = variant_for(request.member, variant)
    if scope is None:
        return error_response(403, NOT_YOURS)
    current = feed.current_version()
    if since > current:
        return error_response(
            409, "The list has not reached this version. Fetch the whole list again.", current=current
        )
    if unchanged := not_modified(request, build_etag(current, scope, format)):
        return unchanged
    span = feed.span_since(since, limit=limit, current=current)
    rows, now = feed.entries_between(span.since, span.until), timezone.now()
    count = rows.count()
    if not members.record_download(
        key=request.member, variant=scope, since=since, until=span.until, count=count, now=now
    ):
        return too_often()
    onward = next_page(span, limit, scope, format) if span.more else None
    head = {"since": since, "version": span.until, "current": current, "more": span.more, "next": onward}
    head |= {"variant": str(scope), "count": count}
    body = render_feed(feed.item_batches(rows, scope), scope, format, head)
    # The ETag is that of the version that this page ends at, not of the current list: a client that sends it with its
    # next request must not get a 304 while there are further pages.
    return stream_response(body, format, etag=build_etag(span.until, scope, format), version=span.until, onward=onward)


def variant_for(key: MemberKey, variant: Variant | None) -> FeedScope | None:
    """The variant to serve; None beyond the scope of the key. Keys for addresses also fetch hashes."""
    scope = FeedScope(key.scope)
    requested = FeedScope(variant.value) if variant else scope
    return requested if scope == FeedScope.ADDRESSES or requested == scope else None


def build_etag(version: int, variant: FeedScope, format_: Format) -> str:
    return f'"{version}-{variant.value}-{format_.value}"'


def not_modified(request: HttpRequest, etag: str) -> HttpResponseBase | None:
    """A 304 response if the client is up to date, else None. A 304 is not counted and not recorded."""
    response = get_conditional_response(request, etag=etag)
    if response is not None and response.status_code == 304:
        return response
    return None


def next_page(span: feed.Span, limit: int, variant: FeedScope, format_: Format) -> str:
    query = {"since": span.until, "limit": limit, "variant": variant.value, "format": format_.value}
    return reverse("url_list_api:changes", query=query)


def stream_response(
    body: Iterable[bytes], format_: Format, *, etag: str, version: int, onward: str | None = None
) -> HttpResponseBase:
    headers = {"ETag": etag, "List-Version": str(version)}
    if onward:
        headers["Link"] = f'<{onward}>; rel="next"'
    return StreamingHttpResponse(body, content_type=CONTENT_TYPES[format_], headers=headers)


def error_response(status: int, detail: str, **more: object) -> HttpResponse:
    return JsonResponse({"detail": detail, **more}, status=status)


def no_key() -> HttpResponse:
    """The same response for a missing, wrong, closed or expired key."""
    response = error_response(401, "Missing or invalid key. Send it as Authorization: Bearer <key>")
    response.headers["WWW-Authenticate"] = "Bearer"
    return response


def list_held() -> HttpResponse:
    """The response while a lockdown holds the list."""
    response = error_response(503, "The list cannot be fetched at the moment. Keep blocking what you have.")
    response.headers["Retry-After"] = str(RETRY_HELD_SECONDS)
    return response


def too_often() -> HttpResponse:
    now = timezone.now()
    response = error_response(429, "Too many downloads in this hour. Ask for changes, with If-None-Match.")
    response.headers["Retry-After"] = str(int((the_hour(now) + timedelta(hours=1) - now).total_seconds()) + 1)
    return response


@api.exception_handler(ValidationError)
def handle_invalid(request: HttpRequest, error: ValidationError) -> HttpResponse:
    """Name the invalid parameters without repeating their values."""
    fields = sorted({str(detail["loc"][-1]) for detail in error.errors})
    return error_response(422, "Missing or invalid parameters.", fields=fields)


def openapi_description() -> dict[str, Any]:
    return machine_api.openapi_description(api, path_prefix="/api/")
