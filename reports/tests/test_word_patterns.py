"""The grammar of word patterns: what each element matches, and what it refuses."""

import pytest

from reports.safety.word_patterns import LONGEST_WORD, PatternError, WordPatterns

SETS = {"who": "he she the+man", "hits": "hit* beat"}


def is_found(pattern: str, text: str) -> bool:
    return WordPatterns([(pattern, SETS)], str.casefold, prefixes=["w"]).are_in(f"| {text} |".split())


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        ("a b", "x a b x"),
        ("a b", "a a b"),
        ("A b", "a b"),
        ("a/c b", "c b"),
        ("a+c/d b", "a c b"),
        ("a+c/d b", "d b"),
        ("a+c/a b", "a b"),
        ("hit* me", "hitting me"),
        ("hit* me", "hit me"),
        ("*ing me", "hitting me"),
        ("{who} {hits} me", "the man hits me"),
        ("{who}/dad beat me", "dad beat me"),
        ("he [really] hits", "he hits"),
        ("he [really/so+often] hits", "he so often hits"),
        ("he _2 me", "he me"),
        ("he _2 me", "he a b me"),
        ("he _1 [so] me", "he a so me"),
        ("help |", "please help"),
        ("| help", "help please"),
        ("a | b", "a | b"),
        ("hit me", "whit me"),
    ],
)
def test_pattern_is_found(pattern: str, text: str) -> None:
    assert is_found(pattern, text)


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        ("a b", "b a"),
        ("a b", "a x b"),
        ("a b", "a | b"),
        ("a+c/d b", "a b"),
        ("hit* me", "unhit me"),
        ("*ing me", "ingot me"),
        ("he _2 me", "he a b c me"),
        ("he _2 me", "he | me"),
        ("he [really] hits", "he hardly hits"),
        ("help |", "help out"),
        ("| help", "they help"),
        ("a* b", f"{'a' * (LONGEST_WORD + 1)} b"),
        # Nothing but the prefix is left.
        ("w a", "ww wa"),
    ],
)
def test_pattern_is_not_found(pattern: str, text: str) -> None:
    assert not is_found(pattern, text)


@pytest.mark.parametrize(
    "pattern",
    ["[a] b", "a [b]", "a _1", "_1 a", "a _0 b", "a _6 b", "a _x b", "a {none}", "a // b", "a * b", f"a {'b' * 41}"],
)
def test_pattern_outside_the_grammar_is_refused(pattern: str) -> None:
    with pytest.raises(PatternError):
        WordPatterns([(pattern, SETS)], str.casefold)


def test_patterns_are_found_independent_of_each_other() -> None:
    patterns = WordPatterns([("a b c", {}), ("a b d", {}), ("a [b] e", {}), ("b c f", {})], str.casefold)
    found = [text for text in ("abc", "abd", "ae", "abe", "abcf", "abf", "bcf", "ab") if patterns.are_in(text)]
    assert found == ["abc", "abd", "ae", "abe", "abcf", "bcf"]
