"""Why two addresses are the same: every step from the typed text to the key."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.addresses import AddressChange, NormalisationStep, find_addresses, normalisation_steps
from reports.tests.test_addresses import TEXTS


def steps_of(text: str) -> list[NormalisationStep]:
    [address] = find_addresses(text)
    return normalisation_steps(text, address.key)


@pytest.mark.parametrize(
    ("typed", "changes"),
    [
        ("http://example.org/a", []),
        ("https://example.org/a", [(AddressChange.HTTPS, "http://example.org/a")]),
        (
            "hxxp[:]//example[.]org/a",
            [(AddressChange.SPELLING, "http://example.org/a")],
        ),
        (
            "https://example.org/a).",
            [(AddressChange.END_OF_LINE, "https://example.org/a"), (AddressChange.HTTPS, "http://example.org/a")],
        ),
        ("http://example.org/a?b=1&amp;c=2", [(AddressChange.SPELLING, "http://example.org/a?b=1&c=2")]),
        ("example.org/a", [(AddressChange.SCHEME_ADDED, "http://example.org/a")]),
        ("http://example\u200b.org/a", [(AddressChange.INVISIBLE, "http://example.org/a")]),
        ("http://Example.ORG/A", [(AddressChange.LOWER_CASE, "http://example.org/A")]),
        ("http://example.org./a", [(AddressChange.FINAL_DOT, "http://example.org/a")]),
        ("http://münchen.example/a", [(AddressChange.HOST, "http://xn--mnchen-3ya.example/a")]),
        ("http://example.org:80/a", [(AddressChange.PORT, "http://example.org/a")]),
        (
            "https://example.org:443/a",
            [(AddressChange.PORT, "https://example.org/a"), (AddressChange.HTTPS, "http://example.org/a")],
        ),
        ("http://example.org:443/a", [(AddressChange.PORT, "http://example.org/a")]),
        ("http://example.org/a/../b/./c", [(AddressChange.DOT_SEGMENTS, "http://example.org/b/c")]),
        ("http://example.org", [(AddressChange.BROWSER, "http://example.org/")]),
        ("http://example.org/ä", [(AddressChange.BROWSER, "http://example.org/%C3%A4")]),
        (
            "http://example.org/a?b=1&UTM_source=x&fbclid=y",
            [(AddressChange.TRACKING, "http://example.org/a?b=1")],
        ),
        ("http://example.org/a?fbclid=x", [(AddressChange.TRACKING, "http://example.org/a")]),
        ("http://example.org/a?#top", [(AddressChange.EMPTY, "http://example.org/a#top"), (AddressChange.FRAGMENT, "http://example.org/a")]),
        (
            "http://example.org/a.?fbclid=x",
            [
                (AddressChange.TRACKING, "http://example.org/a."),
                (AddressChange.LAST_CHARACTER, "http://example.org/a%2E"),
            ],
        ),
        ("http://example.org/a#!/b", []),
        ("http://example.org/a#b", []),
        ("http://example.org/a#:~:text=b", [(AddressChange.FRAGMENT, "http://example.org/a")]),
        ("http://example.org:99999/a", [(AddressChange.IMPOSSIBLE_PORT, "http://example.org/a")]),
        (
            "exam\u200bple.org:123456/a\u200bb",
            [
                (AddressChange.INVISIBLE, "example.org:123456/a\u200bb"),
                (AddressChange.SCHEME_ADDED, "http://example.org:123456/a\u200bb"),
                (AddressChange.IMPOSSIBLE_PORT, "http://example.org/a\u200bb"),
                (AddressChange.BROWSER, "http://example.org/a%E2%80%8Bb"),
            ],
        ),
        ("tg://resolve?start=someone", []),
        (
            "tg://resolve?domain=Someone",
            [(AddressChange.EQUIVALENT, "https://t.me/someone"), (AddressChange.HTTPS, "http://t.me/someone")],
        ),
        (
            "https://example.org/a?X-Amz-Signature=b#c",
            [(AddressChange.SIGNATURE, "https://example.org/a#c"), (AddressChange.HTTPS, "http://example.org/a#c")],
        ),
        ("magnet:?xt=urn:btih:ab&dn=b&tr=c", [(AddressChange.LABEL, "magnet:?xt=urn:btih:ab")]),
    ],
)  # fmt: skip
def test_steps_tell_each_change_and_no_other(typed: str, changes: list[tuple[AddressChange, str]]) -> None:
    assert [(step.change, step.after) for step in steps_of(typed)] == changes


def test_steps_name_the_tracking_parameters() -> None:
    [step] = steps_of("http://example.org/a?b=1&UTM_source=x&fbclid=y")

    assert step.parameters == ("UTM_source", "fbclid")


def test_steps_of_two_spellings_end_alike() -> None:
    first = steps_of("Have a look: HXXPS://Example[.]org:443/x/../gallery?utm_medium=chat#top (again)")
    second = steps_of("example.org/gallery")

    assert first[-1].after == second[-1].after == "http://example.org/gallery"
    assert [step.change for step in first] == [
        AddressChange.SPELLING,
        AddressChange.LOWER_CASE,
        AddressChange.PORT,
        AddressChange.DOT_SEGMENTS,
        AddressChange.TRACKING,
        AddressChange.FRAGMENT,
        AddressChange.HTTPS,
    ]


def test_steps_are_those_of_the_address_asked_for_alone() -> None:
    text = "https://example.org/a and https://example.net/b"

    assert [step.after for step in normalisation_steps(text, "http://example.net/b")] == ["http://example.net/b"]
    assert normalisation_steps(text, "http://example.com/") == []


def test_step_does_not_show_itself_in_its_repr() -> None:
    assert "example" not in repr(steps_of("https://example.org/a"))


@given(TEXTS | st.text(st.characters(exclude_categories=[])))
def test_steps_lead_from_what_was_typed_to_the_key(text: str) -> None:
    for address in find_addresses(text):
        found = normalisation_steps(text, address.key)
        forms = [address.reported, *(step.after for step in found)]
        assert forms[-1] == address.key
        assert [step.before for step in found] == forms[:-1]
        assert all(step.before != step.after for step in found)
