"""A posted form, read without changing a character of it.

Django puts U+FFFD in place of every escaped byte that is not UTF-8, and takes the whole body for Latin-1 where
one raw byte is odd. Neither can be undone, and an address may hang on that byte. So the public pages read the
body themselves: valid UTF-8 is taken as it is, any other byte is written as `\\xNN`, to be seen.
"""

from contextlib import suppress
from urllib.parse import parse_qsl

from django.conf import settings
from django.http import HttpRequest, UnreadablePostError
from django.utils.datastructures import MultiValueDict

# The longest form here has fewer than twenty; a body with more fields than this was made by no page of ours.
MOST_FIELDS = 100
# Per cent signs that need not begin an escape: people's programs may forget to write one as `%25`.
MOST_STRAY_ESCAPES = 20_000
PIECE_BYTES = 64 * 1024


def read_post(request: HttpRequest) -> MultiValueDict[str, str]:
    """The fields of a url-encoded body. Every value can be encoded as UTF-8: no lone surrogate comes this way.

    Empty for any other body: multipart (whose parser is never started, so no file is ever taken), one with too
    many fields or with escapes that are none, an interrupted one. Raises RequestDataTooBig, which the view answers.
    """
    form: MultiValueDict[str, str] = MultiValueDict()
    if request.content_type != "application/x-www-form-urlencoded":
        _pass_over(request)
        return form
    try:
        # Latin-1 maps bytes to characters one to one, so the bytes of each value can be had back below.
        body = request.body.decode("latin-1")
    except UnreadablePostError:
        return form
    if body.count("&") >= MOST_FIELDS or has_stray_escapes(request.body):
        return form
    for name, value in parse_qsl(body, keep_blank_values=True, encoding="latin-1"):
        form.appendlist(_decode_text(name), _decode_text(value))
    return form


def has_stray_escapes(body: bytes) -> bool:
    """Whether it has more escapes than fit in it, at three characters each. Stray ones take the longest to decode."""
    return body.count(b"%") > max(MOST_STRAY_ESCAPES, len(body) // 3)


def _pass_over(request: HttpRequest) -> None:
    """Read the rest of the body: if the connection were closed early, the web server would answer 502 for us."""
    with suppress(UnreadablePostError):
        remaining = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
        while remaining > 0 and (piece := request.read(PIECE_BYTES)):
            remaining -= len(piece)


def _decode_text(decoded: str) -> str:
    return decoded.encode("latin-1").decode("utf-8", "backslashreplace")
