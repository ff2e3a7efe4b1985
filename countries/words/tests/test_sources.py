"""The public source texts: which they are, their digests and placeholders, and the shipped translations."""

import hashlib

from countries.words.plurals import plural_rule
from countries.words.sources import SourceText, read_source_texts, shipped_translations, sources_by_digest

COUNTS = SourceText("", "%(number)s link of %(total)s", "%(number)s <b>links</b> of 100%%", (), "")


def test_digest_is_of_context_singular_and_plural() -> None:
    source = SourceText("menu", "Report", "Reports", ("reports/forms.py",), "")
    assert source.digest == hashlib.sha256(b"menu\x04Report\x00Reports").hexdigest()
    assert len({source.digest, SourceText("", "Report", "Reports", (), "").digest}) == 2


def test_placeholders_are_listed_once_in_order() -> None:
    assert COUNTS.placeholders == ("%(number)s", "%(total)s", "%%")


def test_sources_are_the_public_texts_with_their_places() -> None:
    sources = read_source_texts()
    assert len(sources) > 400
    assert len({source.digest for source in sources}) == len(sources)
    by_text = {source.singular: source for source in sources}
    assert by_text["Page not found"].places == ("countries/public/errors.py",)
    # A label of a model that public pages show, and a text of staff pages.
    assert "Africa" in by_text
    assert "Portal groups" not in by_text
    assert sources_by_digest()[by_text["Africa"].digest] == by_text["Africa"]


def test_shipped_translations_are_complete_in_every_language() -> None:
    sources = sources_by_digest()
    for tag in ("ar", "es", "fr", "hi", "pt", "sw", "ur"):
        shipped = shipped_translations(tag)
        assert shipped.keys() == sources.keys(), tag
        forms = {plural_rule(tag).count}
        assert {len(shipped[digest]) for digest, source in sources.items() if source.plural} == forms, tag
    assert shipped_translations("en") == shipped_translations("ne") == {}


def test_plural_rules_name_example_numbers() -> None:
    arabic, urdu, nepali = plural_rule("ar"), plural_rule("ur"), plural_rule("ne")
    assert arabic.count == 6
    assert [arabic.examples(form)[:2] for form in range(3)] == [[0], [1], [2]]
    assert [urdu.form_of(number) for number in (0, 1, 2)] == [1, 0, 1]
    assert nepali.count == 2
    # CLDR has no such language: as in English.
    assert plural_rule("xqq").form_of(1) == 0
