"""A page that is kept compressed, with each visitor's own values between: its content, and what its length reveals."""

import gzip
import secrets

import pytest
from django.http import HttpResponse
from django.test import Client
from django.utils.safestring import mark_safe

from countries.models import Portal
from countries.public.page_cache import CachedPage, placeholder_for

WORDS = "Copy it from the address bar, or type it. دکھائیں " * 40


def kept() -> CachedPage:
    return CachedPage.of(
        HttpResponse(
            f"<p>{WORDS}</p>{placeholder_for('token')}<p>{WORDS}</p>{placeholder_for('receipt')}{placeholder_for('token')}"
        )
    )


def test_kept_page_is_the_same_compressed_and_not() -> None:
    values = {"token": "bz:0f", "receipt": "7G2-K9"}
    plain, compressed = (kept().answer(values, compressed=each) for each in (False, True))
    assert plain.content.decode() == f"<p>{WORDS}</p>bz:0f<p>{WORDS}</p>7G2-K9bz:0f"
    assert gzip.decompress(compressed.content) == plain.content
    assert len(compressed.content) < len(plain.content) / 5
    assert (plain.get("Content-Encoding"), compressed.get("Content-Encoding")) == (None, "gzip")
    assert compressed.headers["Vary"] == "Accept-Encoding"
    assert plain.headers["Content-Type"] == compressed.headers["Content-Type"] == "text/html; charset=utf-8"


def test_kept_page_has_no_indentation() -> None:
    drawn = HttpResponse("<ul>\n\n    <li>One  two</li>\n  </ul>\n")
    assert CachedPage.of(drawn).answer({}, compressed=False).content == b"<ul>\n<li>One  two</li>\n</ul>\n"
    sheet = HttpResponse("a {\n  b: c }", content_type="text/css")
    assert CachedPage.of(sheet).answer({}, compressed=False).content == b"a {\n  b: c }"


def test_kept_page_with_no_place_is_kept_too() -> None:
    assert gzip.decompress(CachedPage.of(HttpResponse("once")).answer({}, compressed=True).content) == b"once"


def test_cached_page_length_does_not_depend_on_inserted_values() -> None:
    page = kept()
    # A value that repeats a word of the page would be shorter than a random one if it were compressed with it.
    tokens = [WORDS.encode()[:32].hex(), "0" * 64, *(secrets.token_hex(32) for _ in range(20))]
    answers = [page.answer({"token": token, "receipt": token[:20]}, compressed=True) for token in tokens]
    assert len({len(answer.content) for answer in answers}) == 1
    assert all(token.encode() in answer.content for token, answer in zip(tokens, answers, strict=True))


def test_value_of_a_kept_page_is_escaped() -> None:
    page = CachedPage.of(HttpResponse(placeholder_for("token")))
    assert page.answer({"token": '"><script>'}, compressed=False).content == b"&quot;&gt;&lt;script&gt;"


def test_html_value_of_a_kept_page_is_compressed_and_padded() -> None:
    page = CachedPage.of(HttpResponse(f"<p>{WORDS}</p>{placeholder_for('body')}<p>{WORDS}</p>"))
    body = mark_safe(f"<b>{WORDS * 30}</b>")  # noqa: S308 - the test's own
    answers = [page.answer({"body": body}, compressed=True).content for _ in range(20)]
    assert {gzip.decompress(answer).decode() for answer in answers} == {f"<p>{WORDS}</p>{body}<p>{WORDS}</p>"}
    assert len(answers[0]) < len(body) / 10
    assert len({len(answer) for answer in answers}) > 1


def test_kept_page_without_a_value_fails() -> None:
    with pytest.raises(KeyError):
        kept().answer({"token": "bz:0f"}, compressed=False)


@pytest.mark.parametrize("path", ["/bz/en/", "/bz/frame.svg", "/bz/en/status/"])
def test_page_is_compressed_for_who_takes_it(belize: Portal, visitor: Client, path: str) -> None:
    plain = visitor.get(path)
    compressed = visitor.get(path, headers={"accept-encoding": "gzip, deflate, br, zstd"})
    assert gzip.decompress(compressed.content) == plain.content
    assert (plain.get("Content-Encoding"), compressed.get("Content-Encoding")) == (None, "gzip")
