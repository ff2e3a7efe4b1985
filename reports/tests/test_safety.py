"""The searches in a text without their pages: what they find, and what they leave alone."""

import base64
import hashlib
import time
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.safety import Personal, in_crisis, personal_in, without_files
from reports.tests.hostile import TEXTS

MARK = "[here]"


def noise(size: int) -> bytes:
    """Bytes without a pattern, the same each time, like those of a picture."""
    return b"".join(hashlib.sha256(b"%d" % number).digest() for number in range(size // 32 + 1))[:size]


PICTURE = base64.b64encode(noise(3_000)).decode()
WRAPPED = base64.encodebytes(noise(3_000)).decode().strip()
# Longer than any limit here, and not a file.
TOKEN_ADDRESS = f"https://cdn.example/v?token={PICTURE[:1500]}&e=1"


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("write to ana@example.org please", [Personal.EMAIL]),
        ("ana [at] example.org", [Personal.EMAIL]),
        ("ana＠example．org", [Personal.EMAIL]),
        ("بريدي ana@example.org", [Personal.EMAIL]),
        ("mailto:ana@example.org", [Personal.EMAIL]),
        ("+501 622-1234", [Personal.PHONE]),
        ("(+501) 622 1234", [Personal.PHONE]),
        ("00233 24 412 3456", [Personal.PHONE]),
        ("my number is 0300 1234567", [Personal.PHONE]),
        ("٠٣٠٠ ١٢٣٤٥٦٧", [Personal.PHONE]),
        ("۰۳۰۰-۱۲۳۴۵۶۷", [Personal.PHONE]),
        ("मेरा फ़ोन ९८७६५४३२१०", [Personal.PHONE]),
        ("98765 43210", [Personal.PHONE]),
        ("+५०१ ६२२ १२३४", [Personal.PHONE]),
        ("call me: 622-1234", [Personal.PHONE]),
        ("téléphone : 77 123 45 67", [Personal.PHONE]),
        ("77 123 45 67", [Personal.PHONE]),
        ("01.02.03.04.05", [Personal.PHONE]),
        ("345-555-0123", [Personal.PHONE]),
        ("(345) 555-0123", [Personal.PHONE]),
        ("ana@example.org, 0244123456", [Personal.EMAIL, Personal.PHONE]),
    ],
)
def test_personal_data_is_found_in_every_script(text: str, kinds: list[Personal]) -> None:
    assert personal_in(text) == kinds


@pytest.mark.parametrize(
    "text",
    [
        *(text for name, text in TEXTS.items() if name != "mail header"),
        "page 1234567",
        "pages 12, 13 and 14",
        "2026-11-24 09:41:17",
        "24.11.2026",
        "04/11/2026 12:30",
        "24-11-26, 0930",
        "٢٤/١١/٢٠٢٦",
        "192.0.2.7",
        "192.0.2.7:8080",
        "chat id -1001234567890",
        "group 1203630412345",
        "120363041234567890",
        "user 5301234567",
        "10000000",
        "1 000 000 members",
        "@user",
        "@user_1234567",
        "IMG_20261124_093000",
        "id0300123456x",
        "at 9 on 3 May 2026",
        "2019 2020 2021",
        "http://a.example/0300123456",
        "https://ana@example.org/x",
        "https://a.example/?phone=+5016221234&mail=ana@example.org",
        "wa.example/5016221234",
        "4111 1111 1111 1111",
        "v1.2.3.4",
        "50% @ 20",
    ],
)
def test_personal_data_is_not_seen_in_other_numbers(text: str) -> None:
    assert personal_in(text) == []


@pytest.mark.parametrize(
    ("text", "left"),
    [
        (f"data:image/png;base64,{PICTURE}", MARK),
        (f"see data:image/png;base64,{PICTURE} there", f"see {MARK} there"),
        (f"a\r\ndata:image/png;base64,{WRAPPED}\r\nb", f"a\r\n{MARK}\r\nb"),
        ("data:text/html;base64,PHNjcmlwdD4=", MARK),
        ("DATA:image/gif,GIF89a%01", MARK),
        ("data:;base64,QUJD", MARK),
        (f"https://a.example/?i=data:image/png;base64,{PICTURE}", f"https://a.example/?i={MARK}"),
        (f'<img src="data:image/png;base64,{PICTURE}">', f'<img src="{MARK}">'),
        (f"words before {PICTURE} and after", f"words before {MARK} and after"),
        (f"picture:{PICTURE}", f"picture:{MARK}"),
        (f"before\n{WRAPPED}\nafter", f"before\n{MARK}\nafter"),
        ("> " + WRAPPED.replace("\n", "\r\n> "), f"> {MARK}"),
        (f"{PICTURE} http://a.example/ {PICTURE}", f"{MARK} http://a.example/ {MARK}"),
        (f"https://a.example/{PICTURE * 2}", f"https://a.{MARK}"),
    ],
)
def test_files_are_taken_out_and_the_rest_is_kept(text: str, left: str) -> None:
    assert without_files(text, MARK) == left


@pytest.mark.parametrize(
    "text",
    [
        *TEXTS.values(),
        TOKEN_ADDRESS,
        f"http://a.example/{PICTURE[:1500]}",
        f"cdn.example/{PICTURE[:1500]}",
        PICTURE[:200],
        "\n".join(hashlib.sha256(b"%d" % number).hexdigest() for number in range(50)),
        "\n".join(f"http://a.example/{PICTURE[n : n + 60]}" for n in range(0, 600, 60)),
        "\n".join(base64.b32encode(noise(35)).decode().lower() + ".onion" for _ in range(20)),
        "data: two words",
        "the data:see it",
        "metadata:image, and more",
        "a" * 5_000,
        "Donaudampfschifffahrtsgesellschaft " * 20,
        " ".join(f"word{number}" for number in range(500)),
    ],
)
def test_files_are_not_seen_in_text_and_addresses(text: str) -> None:
    assert without_files(text, MARK) == text


@given(st.text(st.sampled_from("aZ0+/=\n >:,;.@data%-_")), st.text(st.sampled_from("aZ0 \n.@+")))
def test_looks_take_any_text(text: str, other: str) -> None:
    left = without_files(text, MARK)
    assert left == text or MARK in left
    assert without_files(left, MARK) == left
    personal_in(other)
    in_crisis(other)


@pytest.mark.parametrize(
    "unit", ["a", "a.", "data:", "data:a/a;", "A0+/ ", "a@", "0 ", "1.", "a\n", "www.", "=", "(0", "://"]
)
@pytest.mark.parametrize("look", [lambda text: without_files(text, MARK), personal_in, in_crisis])
def test_looks_take_time_in_proportion_to_the_text(unit: str, look: Callable[[str], object]) -> None:
    """Half a megabyte for files, the maximum of a body; for the others the maximum of a field."""
    size = 512_000 if look not in (personal_in, in_crisis) else 20_000
    look("the files of words are read once")
    begun = time.process_time()
    # The end differs: a pattern that fails there may try again from everywhere.
    look((unit * size)[: size - 1] + "x")
    assert time.process_time() - begun < 2
