"""Compression of answers, except for those that are long because of what was sent."""

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware

# Bytes. Pages are shorter. A form that is shown again with half a megabyte of pasted text is longer: it would take
# a tenth of a second to compress.
LONGEST = 256 * 1024


class BoundedGZipMiddleware(GZipMiddleware):
    """Django's, with random padding, so that the length of a page reveals nothing about a receipt (BREACH)."""

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        if not response.streaming and len(getattr(response, "content", b"")) > LONGEST:
            return response
        return super().process_response(request, response)
