"""Identifying parts of an address: which are flagged, where, and which are not."""

import hashlib
import random
import string
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.addresses.identifying import INVITING, TokenKind, find_identifying_parts, token_kinds

MD5, SHA256 = (hashlib.new(name, b"content").hexdigest() for name in ("md5", "sha256"))
UUID = "787d8878-d7be-4107-849a-2f4af4136898"
JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJzYW1wbGUifQ.c2lnbmF0dXJl"
RANDOM = "k3J9xQ2mZ7bT5vR8wN4cL6pD"


def flagged(address: str) -> list[tuple[str, str]]:
    return [(finding.kind.value, address[finding.start : finding.end]) for finding in find_identifying_parts(address)]


@pytest.mark.parametrize(
    ("address", "found"),
    [
        ("https://example.org/a?igsh=one&b=c&SI=two", [("share", "igsh=one"), ("share", "SI=two")]),
        ("https://example.org/a?share_id=one#share_id=two", [("share", "share_id=one"), ("share", "share_id=two")]),
        ("https://example.org/a?fbclid=one", [("share", "fbclid=one")]),
        ("https://example.org/a?PHPSESSID=one", [("session", "PHPSESSID=one")]),
        ("https://example.org/a;jsessionid=one;b=c/d", [("session", ";jsessionid=one")]),
        ("https://example.org/a?sid=1&token=2&auth=3", [("session", f"{p}") for p in ("sid=1", "token=2", "auth=3")]),
        ("https://example.org/a#access_token=one&b=c", [("session", "access_token=one")]),
        ("https://example.org/a?X-Amz-Signature=one", [("session", "X-Amz-Signature=one")]),
        (f"https://example.org/{JWT}/a?x={JWT}", [("session", JWT), ("session", f"x={JWT}")]),
        ("https://petra:word@example.org/a", [("email", "petra:word@")]),
        ("https://example.org/petra@example.org/a", [("email", "petra@example.org")]),
        ("https://example.org/petra%40example.org", [("email", "petra%40example.org")]),
        ("https://example.org/a?to=petra%40example.org", [("email", "to=petra%40example.org")]),
        ("https://example.org/a?petra@example.org", [("email", "petra@example.org")]),
        ("https://example.org/a?user=petra&uid=7", [("email", "user=petra"), ("email", "uid=7")]),
        ("whatsapp://send?phone=5550100", [("email", "phone=5550100")]),
        ("https://example.org/invite/one/two", [("invitation", "one")]),
        ("https://example.org/Join/one?a=b", [("invitation", "one")]),
        ("https://example.org/+one_two-three", [("invitation", "+one_two-three")]),
        ("https://example.org/a?inv=1&ref=2&code=3", [("invitation", p) for p in ("inv=1", "ref=2", "code=3")]),
        ("tg://join?invite=one", [("invitation", "invite=one")]),
        *((f"https://{place}one", [("invitation", f"{place}one".partition("/")[2])]) for place in INVITING),
        ("https://example.org/petra%2540example.org", [("email", "petra%2540example.org")]),
        ("https://example.org/a?to=petra%2540example.org", [("email", "to=petra%2540example.org")]),
        ("https://example.org/a?to=https://example.com/?sid=1", [("session", "to=https://example.com/?sid=1")]),
        (
            "https://example.org/a?to=https%3A%2F%2Fexample.com%2F%3Fb%3D1%26ref%3Done",
            [("invitation", "to=https%3A%2F%2Fexample.com%2F%3Fb%3D1%26ref%3Done")],
        ),
        ("https://example.org/a?b=1;token=one", [("session", "b=1;token=one")]),
        ("https://example.org/a?b=1&amp;token=one", [("session", "amp;token=one")]),
        ("https://example.org/#/a?token=one", [("session", "/a?token=one")]),
        (f"https://example.org/a?x={UUID}", [("long", f"x={UUID}")]),
        (f"https://example.org/a?s={MD5}", [("long", f"s={MD5}")]),
        (f"https://example.org/a?{RANDOM}", [("long", RANDOM)]),
        (f"https://example.org/{RANDOM}/a", [("long", RANDOM)]),
        (f"https://example.org/a?id={RANDOM}", [("long", f"id={RANDOM}")]),
    ],
)
def test_findings_flag_a_part_as_a_whole(address: str, found: list[tuple[str, str]]) -> None:
    assert flagged(address) == found


@pytest.mark.parametrize(
    "address",
    [
        "",
        "no address here",
        "https://example.org/",
        "https://example.org/a?b=c&page=2",
        "https://example.org/@name/video/7301234567890123456",
        "https://example.org/user/name",
        "https://example.org/watch?v=aB3dE5fG7hI&list=PLabcdefghij1234567",
        "https://example.org/file/aB3dE5fG7hI9/view",
        "https://example.org/my-holiday-2024-in-12-pictures-with-3-dogs-and-a-cat",
        "https://example.org/a?title=my-holiday-2024-photo-12-of-30",
        "https://example.org/a?title=MyHolidayPhotosFromTheBeach2024",
        "https://example.org/IMG_20240203_121212_12345678901234",
        "https://example.org/98765432109876543210987654321",
        "https://example.org/a?x=98765432109876543210987654321",
        "https://example.org/name@2x.png",
        f"https://example.org/{MD5}",
        f"https://example.org/{SHA256}.jpg",
        f"https://example.org/{RANDOM}.jpeg",
        f"https://example.org/{UUID}",
        f"https://example.org/a?id={UUID}&md5={MD5}",
        f"https://example.org/folder/aB3dE5fG#{RANDOM}",
        "https://example.org/join",
        "https://example.org/invite/",
        "https://example.org/a?token=&code",
        "https://example.org/a?to=https%3A%2F%2Fexample.com%2F%3Fid%3D1%26token%3D",
        "https://example.org/a?q=100%25",
        "https://example.org/a?s=20",
        "https://[2001:db8::1]:8080/a",
    ],
)
def test_findings_leave_names_of_content_alone(address: str) -> None:
    assert flagged(address) == []


@pytest.mark.parametrize("alphabet", [string.ascii_letters + string.digits, string.ascii_lowercase + string.digits])
@pytest.mark.parametrize("length", [24, 32, 43])
def test_findings_notice_nearly_all_that_chance_makes(alphabet: str, length: int) -> None:
    draw = random.Random(length)
    made = ["".join(draw.choices(alphabet, k=length)) for _each in range(500)]
    assert sum(bool(find_identifying_parts(f"https://example.org/a?x={each}")) for each in made) > 430


def test_kinds_names_each_once_in_the_order_of_the_list() -> None:
    found = find_identifying_parts("https://petra@example.org/invite/one?ref=two&sid=three")
    assert token_kinds(found) == [TokenKind.SESSION, TokenKind.EMAIL, TokenKind.INVITATION]


PIECES = st.sampled_from(
    [*"/?#&=;@:+%.", "//", "https://", "example.org", "token", "invite", "eyJ", "%40", "petra@example.org", RANDOM, MD5]
)


@given(st.lists(PIECES | st.text(max_size=5)).map("".join))
def test_findings_never_fail_and_lie_in_the_text_apart_from_one_another(text: str) -> None:
    at = 0
    for finding in find_identifying_parts(text):
        assert at <= finding.start < finding.end <= len(text)
        at = finding.end


@pytest.mark.parametrize("piece", ["a", "a@", "a.", "eyJ", "eyJaaaaaaaa.", "/", ";", "&", "1a", "%40", "-", "+a"])
def test_time_grows_with_the_length_alone(piece: str) -> None:
    assert _least_seconds(piece, 20_000) < 8 * _least_seconds(piece, 5_000)


def _least_seconds(piece: str, length: int) -> float:
    seconds = []
    for _ in range(3):
        began = time.thread_time()
        for lead in ("https://example.org/", "https://example.org/?x=", "https://"):
            find_identifying_parts(lead + piece * (length // len(piece)))
        seconds.append(time.thread_time() - began)
    return min(seconds)
