"""Hostile texts: hidden and reordering characters become visible, and no text is lost."""

import time
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysts.incidents.display import visible_text as module
from analysts.incidents.display.display_safe import defang_text
from analysts.incidents.display.visible_text import (
    MOST_ELEMENTS,
    MOST_STACKED,
    OPENING_CHARACTERS,
    OPENING_LINES,
    TextPart,
    TextPartKind,
    make_legible,
)
from tests.proofs.payloads import ALL

BIDI = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
UNSEEN = "\0\x01\x0b\x0c\r\x1b\x7f\x85\xad\u034f\u115f\u180e\u200b\u2028\u2029\u2060\u3164\ufeff\ufff9\U000e0041"
STACKED = "\u0300\u0351\u0489\u036f\u0e47"
# Hostile characters among ordinary ones, and any others.
HOSTILE = st.text(
    st.one_of(st.sampled_from(BIDI + UNSEEN + STACKED + "ab.ж/:\n\u200c\u200d\ufe0f⟦⟧ "), st.characters())
)
SCRIPTS = st.text(st.sampled_from("aж.θxn-/h t:ps1\u202eم"), max_size=60)


def every_part(text: str) -> list[TextPart]:
    shown = make_legible(text)
    return [*shown.opening, *shown.rest]


def shown(text: str) -> str:
    return "".join(part.display for part in every_part(text))


@given(HOSTILE)
def test_nothing_that_moves_its_neighbours_is_shown_and_nothing_is_lost(text: str) -> None:
    parts = every_part(text)

    seen = "".join(part.display for part in parts)
    assert not set(seen) & {*BIDI, *UNSEEN}
    assert not {unicodedata.category(each) for each in set(seen) - {"\n", "\t"}} & {"Cc", "Cs", "Co", "Cn", "Zl", "Zp"}
    assert "".join(part.raw for part in parts) == defang_text(text).replace("\r\n", "\n")
    # A typed opening bracket becomes a mark, so that reporters cannot forge marks.
    assert "⟦" not in "".join(
        part.display for part in parts if part.kind == TextPartKind.PLAIN and part.display == part.raw
    )


@given(SCRIPTS)
def test_hosts_of_any_spelling_fail_nothing(text: str) -> None:
    assert "".join(part.raw for part in every_part(text)) == defang_text(text)
    module.legible_address(text)


@given(st.text(st.sampled_from("a \n\u0300\u202e"), min_size=OPENING_CHARACTERS - 2, max_size=OPENING_CHARACTERS + 300))
def test_long_texts_open_with_their_beginning(text: str) -> None:
    found = make_legible(text)
    opening = "".join(part.raw for part in found.opening)

    assert len(opening) <= OPENING_CHARACTERS
    assert opening.count("\n") <= OPENING_LINES
    assert opening + "".join(part.raw for part in found.rest) == defang_text(text)


@pytest.mark.parametrize(
    ("written", "seen"),
    [
        ("a\u202eb", "a⟦U+202E⟧b"),
        ("a\u200b\u200b\u200bb\0", "a⟦U+200B ×3⟧b⟦U+0000⟧"),
        ("\ufeffx", "⟦U+FEFF⟧x"),
        ("".join(map(chr, range(0xE0041, 0xE004B))), "⟦U+E0041 U+E0042 U+E0043 U+E0044 U+E0045 U+E0046 +4⟧"),
        ("⟦U+202E⟧", "⟦U+27E6⟧U+202E⟧"),
        ("a" + "\u0351" * 40 + "b", "a" + "\u0351" * MOST_STACKED + "⟦+36⟧b"),
        ("one\r\n\ttwo", "one\n\ttwo"),
    ],
)
def test_what_cannot_be_seen_is_shown_as_a_mark(written: str, seen: str) -> None:
    assert shown(written) == seen


@pytest.mark.parametrize(
    "written",
    ["می‌خواهم", "क्‍ष", "👩‍👩‍👧 and ❤️ 1️⃣", "שִׁ֑לוֹם", "ด้วย", "Việt Nam", "\u0600١٢", "葛\U000e0100城", "a\u00a0b", ""],
)
def test_ordinary_texts_of_all_scripts_have_no_mark(written: str) -> None:
    assert shown(written) == written
    assert not make_legible(written).has_marks


@pytest.mark.parametrize(
    ("written", "seen"),
    [
        ("www.exаmple.org", "www[.]exаmple[.]org⟦www[.]xn--exmple-4nf[.]org, mixed scripts⟧"),
        # Entirely Cyrillic, so not mixed, although it looks like a Latin host.
        ("see https://сосо.example/x here", "see hxxps://сосо[.]example/x⟦xn--n1aahb[.]example⟧ here"),
        ("xn--bcher-kva.example", "xn--bcher-kva[.]example⟦bücher[.]example⟧"),
        ("https://例え.example/1", "hxxps://例え[.]example/1⟦xn--r8jz45g[.]example⟧"),
        ("https://aナ例.example/1", "hxxps://aナ例[.]example/1⟦xn--a-pgut49i[.]example⟧"),
        ("plain.example.org", "plain[.]example[.]org"),
    ],
)
def test_host_in_other_letters_is_shown_in_both_spellings(written: str, seen: str) -> None:
    assert shown(written) == seen


def test_address_includes_its_other_spelling() -> None:
    shown = module.legible_address("https://xn--exmple-4nf.org/gallery")
    other = module.legible_address("https://xn--bcher-kva.example/").own_letters

    assert "".join(part.display for part in shown.parts) == "hxxps://xn--exmple-4nf[.]org/gallery"
    assert shown.own_letters == module.OwnLetters([TextPart("exаmple[.]org", "exаmple[.]org")], is_mixed=True)
    assert other == module.OwnLetters([TextPart("bücher[.]example", "bücher[.]example")], is_mixed=False)
    assert module.legible_address("https://example.org/gallery").own_letters is None
    assert module.legible_address("").own_letters is None


def test_long_text_keeps_its_words_whole() -> None:
    found = make_legible("word " * 20_000)

    assert (found.characters, len(found.opening), len(found.rest)) == (100_000, 1, 1)
    assert found.opening[0].raw.endswith("word ")
    assert make_legible("word " * 20).rest == []
    assert make_legible("\n" * 3_000).opening[0].raw == "\n" * OPENING_LINES


@pytest.mark.parametrize(
    "text", ["a\u202e", "exаmple.org ", "a\u0351\u0351\u0351\u0351\u0351", "\u202e\u200b", "مرحبا "]
)
def test_hundred_thousand_characters_cost_little(text: str) -> None:
    text *= 100_000 // len(text)
    began = time.process_time()
    parts = every_part(text)

    # Half a second on slow machines; quadratic run time would take hours.
    assert time.process_time() - began < 10
    assert len(parts) <= 2 * (MOST_ELEMENTS + 1)


def test_hostile_payloads_are_legible() -> None:
    for payload in ALL:
        assert not set(shown(payload)) & {*BIDI, *UNSEEN}
