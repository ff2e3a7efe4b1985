import pytest

from analysts.search.terms import read_terms


@pytest.mark.parametrize(
    ("typed", "number", "reference", "host", "words"),
    [
        ("1920735b", "1920735b", "", "", ("1920735b",)),
        ("#1920735B ", "1920735b", "", "", ("1920735b",)),
        ("1920735", "1920735", "", "", ("1920735",)),
        ("192073", "", "", "", ("192073",)),
        ("1920735b-93a1-4c08-8d6b-0d6f7f0a0b11", "1920735b93a14c088d6b0d6f7f0a0b11", "", "", None),
        ("RP-7K2M-XQ4D", "", "RP-7K2M-XQ4D", "", ()),
        (" rp 7k2m xq4d", "", "RP-7K2M-XQ4D", "", ()),
        ("https://files.example.org/a?b=1", "", "", "files.example.org", ()),
        ("hxxps://files.example[.]org/a", "", "", "files.example.org", ()),
        ("files.example.org", "", "", "files.example.org", ("files", "example", "org")),
        ("files.internal", "", "", "files.internal", ("files", "internal")),
        ("Example Hosting", "", "", "", ("example", "hosting")),
        ("x" * 120, "", "", "", ("x" * 120,)),
        ("x" * 121, "", "", "", ()),
    ],
)
def test_typed_text_is_read_as_all_it_can_mean(
    typed: str, number: str, reference: str, host: str, words: tuple[str, ...] | None
) -> None:
    terms = read_terms(typed)
    assert (terms.number, terms.reference) == (number, reference)
    assert (terms.address.host if terms.address else "") == host
    assert words is None or terms.words == words


@pytest.mark.parametrize(
    ("typed", "is_host", "site"),
    [
        ("example.org", True, "example.org"),
        ("example[.]org", True, "example.org"),
        ("Example.ORG", True, "example.org"),
        ("photos.example.org", True, ""),
        ("https://example.org/", False, ""),
        ("see example.org", False, ""),
        ("Example Hosting", False, ""),
    ],
)
def test_domain_alone_means_any_host_of_it(typed: str, is_host: bool, site: str) -> None:
    assert (read_terms(typed).is_host, read_terms(typed).site) == (is_host, site)


@pytest.mark.parametrize("typed", ["...", "' & !:* |"])
def test_text_without_a_word_looks_nothing_up(typed: str) -> None:
    assert read_terms(typed).kinds == []


@pytest.mark.parametrize(
    "ways",
    [
        ("http://EXAMPLE.org/a", "https://example.org/a", "hxxps://example[.]org/a"),
        ("Example  Hosting", "example hosting"),
        ("#1920735B", "1920735b"),
        (" rp 7k2m xq4d", "RP-7K2M-XQ4D"),
    ],
)
def test_equal_searches_have_one_canonical_text(ways: tuple[str, ...]) -> None:
    assert len({read_terms(way).canonical for way in ways}) == 1
