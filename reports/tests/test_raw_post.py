from io import BytesIO

import pytest
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, UnreadablePostError
from django.test import RequestFactory, override_settings
from hypothesis import example, given
from hypothesis import strategies as st

from reports.raw_post import MOST_FIELDS, read_post
from reports.tests.hostile import BYTES

FORM = "application/x-www-form-urlencoded"


def request_of(body: bytes, content_type: str = FORM) -> HttpRequest:
    # Not `post`, which would encode the body again for the header.
    return RequestFactory().generic("POST", "/bz/en/report/", body, content_type=content_type)


def test_post_gives_every_value_of_a_field() -> None:
    form = read_post(request_of(b"facts=live_stream&facts=login_needed&description=&token=a%3Ab+c"))
    assert dict(form.lists()) == {
        "facts": ["live_stream", "login_needed"],
        "description": [""],
        "token": ["a:b c"],
    }


@pytest.mark.parametrize(("sent", "text"), BYTES.values(), ids=BYTES)
def test_post_shows_each_odd_byte(sent: bytes, text: str) -> None:
    assert dict(read_post(request_of(b"addresses=" + sent)).items()) == {"addresses": text}


def test_post_with_one_odd_field_keeps_the_others_as_they_are() -> None:
    form = read_post(request_of(b"description=%FF&found_on=caf%C3%A9&seen_on=\xe9"))
    assert dict(form.items()) == {"description": "\\xff", "found_on": "café", "seen_on": "\\xe9"}


@given(st.binary())
@example(b"a=%ED%A0%80")
@example(b"%ED%A0%80=\xed\xa0\x80")
def test_post_never_holds_a_lone_surrogate(body: bytes) -> None:
    for name, values in read_post(request_of(body)).lists():
        for value in (name, *values):
            value.encode("utf-8")


@pytest.mark.parametrize("charset", ["iso-8859-1", "utf-16", "nonsense"])
def test_post_is_decoded_as_utf_8_despite_the_declared_charset(charset: str) -> None:
    form = read_post(request_of("addresses=é".encode(), f"{FORM}; charset={charset}"))
    assert dict(form.items()) == {"addresses": "é"}


@pytest.mark.parametrize(
    "content_type",
    ["multipart/form-data; boundary=x", "multipart/form-data", "text/plain", "application/json", "", "nonsense"],
)
def test_post_of_another_kind_is_an_empty_form(content_type: str) -> None:
    body = b'--x\r\nContent-Disposition: form-data; name="addresses"\r\n\r\nhttp://a.example/\r\n--x--\r\n'
    assert dict(read_post(request_of(body, content_type)).items()) == {}


def test_post_of_another_kind_is_passed_over_to_its_end() -> None:
    """If left unread, the web server in front could not send all of it, and would answer 502."""
    request = request_of(b"x" * 400_000, "multipart/form-data; boundary=x")

    assert dict(read_post(request)) == {}
    assert request.read() == b""


def test_post_with_too_many_fields_is_an_empty_form() -> None:
    most = b"&".join(b"a%d=x" % number for number in range(MOST_FIELDS))
    assert len(read_post(request_of(most))) == MOST_FIELDS
    assert dict(read_post(request_of(most + b"&b=x")).items()) == {}


def test_post_of_stray_escapes_is_an_empty_form() -> None:
    """A text in which every byte is escaped is taken; so are per cent signs that are meant as such."""
    escaped = b"addresses=" + b"%D8%A7" * 20_000
    assert read_post(request_of(escaped))["addresses"] == "ا" * 20_000
    assert read_post(request_of(b"addresses=" + b"%" * 10_000))["addresses"] == "%" * 10_000
    assert dict(read_post(request_of(b"addresses=" + b"%" * 400_000)).items()) == {}


class BrokenLine(BytesIO):
    def read(self, size: int | None = -1, /) -> bytes:
        raise UnreadablePostError


def test_post_that_breaks_off_is_an_empty_form() -> None:
    request = request_of(b"addresses=x")
    request._stream = BrokenLine()
    assert dict(read_post(request).items()) == {}


@override_settings(DATA_UPLOAD_MAX_MEMORY_SIZE=10)
def test_post_over_the_limit_is_left_to_the_error_page() -> None:
    with pytest.raises(RequestDataTooBig):
        read_post(request_of(b"addresses=" + b"x" * 100))
