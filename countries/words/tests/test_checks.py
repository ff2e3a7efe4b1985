"""Faults that a translation may not have, and that all the shipped ones may be shown."""

import re
import time

import pytest
from django.conf import settings

from countries import languages
from countries.languages import OpenedLanguage, set_opened_languages
from countries.words import checks
from countries.words.checks import LONGEST_TEXT, find_translation_faults
from countries.words.signs import make_safe
from countries.words.sources import SourceText, read_source_texts, shipped_translations
from countries.words.visible_addresses import find_visible_addresses

NEPALI = OpenedLanguage(
    tag="ne",
    name="नेपाली",
    english_name="Nepali",
    direction="ltr",
    digits="deva",
    plural_rule="nplurals=2; plural=(n != 1);",
    shows_words=True,
    personal_words="तपाईंको नाम\nफोन नम्बर",
)


@pytest.fixture(autouse=True)
def nepali() -> None:
    """Nepali is opened; after the test no language is (`_nothing_remembered`)."""
    set_opened_languages([NEPALI])


def source(singular: str, plural: str = "") -> SourceText:
    return SourceText("", singular, plural, (), "")


def faults(english: str, *forms: str, plural: str = "", language: str = "es") -> list[str]:
    return [str(fault) for fault in find_translation_faults(source(english, plural), forms, language)]


@pytest.mark.parametrize(
    ("english", "translation"),
    [
        ("Send the report", "Enviar la denuncia"),
        ("Hello %(name)s", "%(name)s, hola"),
        ("Read <em>this</em> now", "Lea <em>esto</em> ahora"),
        ("<b>One</b> and <i>two</i>", "<i>Dos</i> y <b>uno</b>"),
        ('See <a href="%(url)s">this</a>', 'Vea <a href="%(url)s">esto</a>'),
        ("Terms & conditions", "Términos y condiciones"),
        ("Under 18", "Menores de ١٨"),
        ("1,000 reports", "१,००० रिपोर्ट"),
        ("2.5 days", "2,5 días"),
        ("Half: 0.5", "٠٫٥"),
        ("Write to help@example.org.", "Escriba a help@example.org"),
        ("See https://example.org/help", "Vea «https://example.org/help»."),
        ("50%% of %(number)s", "%(number)s: 50%%"),
        ("Do not give your name", "No diga su nombre"),
        ("No", "‌نه‌ می‌خواهم‏"),
    ],
)
def test_translation_that_keeps_to_its_source_has_no_fault(english: str, translation: str) -> None:
    assert faults(english, translation) == []


@pytest.mark.parametrize(
    ("english", "translation", "part"),
    [
        ("Send", "<b>Enviar</b>", "<b>"),
        ("Send", "Enviar <script>x()</script>", "<script>"),
        ("Send", "Enviar <", "<"),
        ("Read <em>this</em>", "Lea esto", "</em> <em>"),
        ("Read <em>this</em>", "Lea <em onclick=x>esto</em>", "<em onclick=x>"),
        ("Read <em>this</em>", "Lea <em>esto</em> <em>y</em>", "</em>"),
        ("<b>a</b> <i>b</i>", "<b>a<i>b</b></i>", "<b> <i> </b> </i>"),
        ("Send", "Enviar &lt;", "&lt;"),
        ("Send", "Enviar & ya", "&"),
        ("Send", 'Enviar " onclick', '(")'),
        ("Send", "Enviar a https://example.org/x", "https://example.org/x"),
        ("Send", "Enviar a example.org", "example.org"),
        ("Send", "Enviar a пример.рф", "пример.рф"),
        ("Send", "Enviar a example．org", "example.org"),
        ("Send", "Enviar a example[.]org", "e[.]o"),
        ("Send", "javascript:alert", "javascript:alert"),
        ("Send", "Escriba a ana@example.org", "ana@example.org"),
        ("Send", "Escriba a ana＠example", "ana@example"),
        ("See https://example.org/", "Vea https://example.net/", "https://example.net/"),
        ("Send", "Llame al 116 111", "111"),
        ("Send", "Llame al ١١٦", "116"),
        ("Send", "Llame al ۱۱۶", "116"),
        ("Send", "Llame al ११६", "116"),
        ("Send", "Llame al ১১৬", "116"),
        ("Send", "Llame al ➀", "1"),
        ("Under 18", "Menores de 16", "16"),
        ("Under 18", "Menores de 18 y 18", "18"),
        ("Hello %(name)s", "Hola", "%(name)s"),
        ("Hello %(name)s", "Hola %(nombre)s", "%(nombre)s"),
        ("Hello", "Hola %s", "%s"),
        ("Hello", "Hola {name}", "{name}"),
        ("Hello %(name)s", "Hola %(name)s, 100 % seguro", "% s"),
        ("%s of %d", "%d de %s", "order"),
        ("Send", "Enviar\u202eya", "U+202E"),
        ("Send", "Enviar\ue000ya", "U+E000"),
        ("Send", "Enviar\x07", "U+0007"),
        ("Send", "Enviar\nya", "U+000A"),
        ("Send", "  ", "empty"),
        ("Send", "Enviar " * 100, "characters"),
        ("Send", "Please type your full name", "your full name"),
        ("Send", "Escriba su nombre.", "su nombre"),
    ],
)
def test_translation_is_refused_and_the_fault_shows_the_part(english: str, translation: str, part: str) -> None:
    found = faults(english, translation)
    assert found
    assert any(part in fault for fault in found), found


# The address of one site, as a reader sees or hears it.
SPELLINGS = (
    "example.org",
    "EXAMPLE．ORG",
    "ｅｘａｍｐｌｅ.org",
    "ⓔⓧⓐⓜⓟⓛⓔ.org",
    "exam\u2060ple\u2060.\u2060org",
    "example\u200b.\u200borg",
    "example\u00ad.org",
    "example.\u200co\u200drg",
    "example\u034f.\u3164org",
    "example\ufe00.org",
    "example.\U000e0100org",
    "example\u0332.org",
    "example。org",
    "例子。公司",
    "example。org我们",
    "example｡org",
    "example․org",
    "example﹒org",
    "example·org",
    "example•org",
    "example .org",
    "example . org",
    "example. org",
    "example\u00a0.\u2003org",
    "e x a m p l e . o r g",
    "example dot org",
    "example-dot-org",
    "example (dot) org",
    "example [ . ] org",
    "example punto org",
    "example point org",
    "example ponto org",
    "example nukta org",
    "example डॉट org",
    "example ڈاٹ org",
    "example نقطة org",
    "example点org",
    "example punto es.",
    "ana﹫example",
    "https：／／example",
)


@pytest.mark.parametrize("spelling", SPELLINGS, ids=ascii)
def test_address_is_refused_in_every_spelling_that_a_reader_sees(spelling: str) -> None:
    read_as_address = "can be read as an address"
    assert any(read_as_address in fault for fault in faults("Send the report to", f"Enviar a {spelling}"))
    assert any(read_as_address in fault for fault in faults("Send the report to", f"{spelling}, enviar"))
    assert faults(f"Send: {spelling}", f"Enviar: {spelling}") == []


def test_address_may_not_hang_on_a_placeholder_or_go_through_a_tag() -> None:
    assert "address" in faults("Hello %(name)s", "Hola %(name)s.org")[0]
    assert "address" in faults("Read <em>this</em> page", "Lea exam<em>ple.o</em>rg")[0]


@pytest.mark.parametrize(
    "sentence",
    [
        "Envíe la denuncia. No diga nada. Es seguro.",
        "Espere ... de nuevo",
        "p. ej. en la app",
        "En este punto es importante. Punto de ayuda",
        "À ce point de vue · de nouveau",
        "Ayuda • de día • es gratis",
        "Intel·ligent, col·legi, nul·la",
        "请报告。谢谢您。我们会看",
        "重点 在 这里",
        "یہ ایک جملہ ہے۔ یہ دوسرا ہے۔",
        "यह एक वाक्य है। दूसरा वाक्य।",
        "A e o u",
    ],
)
def test_ordinary_sentences_are_no_addresses(sentence: str) -> None:
    assert find_visible_addresses(sentence) == set()


@pytest.mark.parametrize("invisible", ["\u200b", "\u2060", "\u00ad", "\u034f", "\ufe00", "\u200c"], ids=ascii)
def test_words_that_ask_who_a_reader_is_are_seen_through_invisible_characters(invisible: str) -> None:
    assert "su nombre" in faults("Send", f"Escriba s{invisible}u nom{invisible}bre")[0]
    assert "su nombre" in faults("Send", f"Escriba su{invisible} {invisible}nombre")[0]


@pytest.mark.parametrize("number", ["一一六", "壹壹六", "一 一 六", "〇一一"])
def test_number_in_ideographs_is_refused(number: str) -> None:
    assert "number" in faults("Send", f"请打 {number}")[0]
    assert faults("Send", "一个人，十二个") == []


def test_language_that_was_opened_brings_its_plural_rule_and_its_own_words() -> None:
    one, many = "%(count)d report", "%(count)d reports"
    assert faults(one, "%(count)d रिपोर्ट", "%(count)d रिपोर्टहरू", plural=many, language="ne") == []
    assert "2 forms" in faults(one, "%(count)d रिपोर्ट", plural=many, language="ne")[0]
    assert "तपाईंको नाम" in faults("Send", "तपाईंको नाम लेख्नुहोस्", language="ne")[0]


def test_plural_form_may_leave_out_the_number_and_adds_nothing() -> None:
    one, many = "%(count)d report", "%(count)d reports"
    arabic = ["لا بلاغات", "بلاغ واحد", "بلاغان", *["%(count)d بلاغ"] * 3]
    assert faults(one, *arabic, plural=many, language="ar") == []
    assert [fault.form for fault in find_translation_faults(source(one, many), [*arabic[:5], "%s"], "ar")] == [5, 5]


@pytest.mark.parametrize("tag", [tag for tag, _name in settings.LANGUAGES if tag != "en"])
def test_shipped_translations_have_no_fault(tag: str) -> None:
    translations = shipped_translations(tag)
    found = {
        text.singular: list(map(str, find_translation_faults(text, translations[text.digest], tag)))
        for text in read_source_texts()
        if text.digest in translations
    }
    assert len(found) > 300
    assert {text: wrong for text, wrong in found.items() if wrong} == {}


HOSTILE = (
    "{} <b>x</b>",
    "{} <script>alert()</script>",
    '{} <a href="https://evil.example/">x</a>',
    "{} https://evil.example/",
    "{} evil.example",
    "{} <input name=x>",
    '{}" onmouseover="x',
    "{} &lt;b&gt;",
    "{} ana@evil.example",
    "{} {{{{ settings }}}}",
    "{} %(settings)s",
    "{} +٩٩٩ ٩٩٩٩",
    "{} Write your full name here",
    "{} Escriba aquí su nombre y su teléfono",
)


def test_what_could_harm_a_reporter_is_refused_in_every_public_text() -> None:
    """Also with the English text in it, so that nothing is refused only because something is missing."""
    texts = read_source_texts()
    passed = [
        (text.singular, hostile)
        for text in texts
        for hostile in HOSTILE
        if not find_translation_faults(text, [hostile.format(form) for form in _all_forms(text)], "es")
        and not (hostile == HOSTILE[-1] and speaks_of_persons(text))
    ]
    assert (len(texts) > 300, passed) == (True, [])


def _all_forms(text: SourceText) -> list[str]:
    """As many forms as Spanish has."""
    return [text.singular, text.plural, text.plural] if text.plural else [text.singular]


def speaks_of_persons(text: SourceText) -> bool:
    """Where the English text speaks of names, only a reviewer sees whether a translation asks for one."""
    speaks = r"(?i)\b(names?|named|tele|phone|e?-?mail|birth|who|identif|anonym|where you live)"
    return re.search(speaks, text.singular) is not None


def test_row_written_round_the_checks_adds_no_markup_to_any_public_text() -> None:
    markup = re.compile(r"<[^<>]*>|[<>\"]")
    added = [
        (text.singular, hostile)
        for text in read_source_texts()
        for hostile in HOSTILE
        if sorted(markup.findall(make_safe(text.singular, hostile.format(text.singular))))
        != sorted(markup.findall(text.singular))
    ]
    assert added == []


def test_safe_text_keeps_the_tags_of_the_source_once() -> None:
    assert make_safe("<b>x</b> & y", "<b>a</b><b>c</b> & & d") == "<b>a</b>&lt;b&gt;c&lt;/b&gt; & &amp; d"
    assert make_safe("l'eau", "l'eau") == "l'eau"


@pytest.mark.parametrize(
    "unit",
    [
        "<",
        "a.",
        "%(",
        "{",
        "&",
        "@",
        "a://",
        "9,",
        "<a ",
        "[.]",
        "-",
        "٩",
        ". ",
        " .",
        "a b ",
        "a dot ",
        "。",
        "一 ",
        "·l",
    ],
)
def test_checks_take_linear_time(unit: str) -> None:
    text = (unit * LONGEST_TEXT)[:LONGEST_TEXT]
    english = source("x" * LONGEST_TEXT)
    start = time.process_time()
    find_translation_faults(english, [text], "es")
    assert time.process_time() - start < 0.5


def test_every_check_is_among_the_checks() -> None:
    named = {name for name in vars(checks) if name.endswith("_faults") and name.startswith("_")} - {"_form_faults"}
    assert {check.__name__ for check in checks.CHECKS} == named
    assert languages.opened_languages() == [NEPALI]
