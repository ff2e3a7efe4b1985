"""Rules of themes: how words stand for ideas, how near they must be, and the files that ship."""

import time
import tomllib
from pathlib import Path

import pytest

from countries.public.help.situations import Situation
from reports.safety.crisis import (
    HELP_PAGES,
    LOANS,
    THEMES,
    WORDS,
    crisis_languages,
    find_help_page,
    find_themes,
    load_words,
    normalise_words,
)
from reports.safety.idea_words import IdeaWords, list_spellings
from reports.safety.theme_rules import LONGEST_SEQUENCE, PAUSE, USUAL_WIDTH, CrisisTheme, LanguageWords, ThemeRules
from reports.safety.word_patterns import LONGEST_WORD, PatternError

FILES = sorted(WORDS.glob("*.toml"))
IDEAS = {"picture": "pic* ~nuudes", "threat": "*mail *reat* take+it+down", "me": "me", "unused": "zzz"}


def build_rules(*rules: str, **own: str) -> ThemeRules:
    language: LanguageWords = {"checked_by": "", "ideas": IDEAS, "rules": own}
    return ThemeRules({"blackmail": "\n".join(rules)}, [language], normalise_words)


def is_met(rule: str, text: str) -> bool:
    return bool(build_rules(rule).themes_in(text.split()))


@pytest.mark.parametrize(
    ("rule", "text"),
    [
        ("picture threat", "pictures threat"),
        ("picture threat", "blackmail with pics"),
        ("picture threat", "nodds of threats"),
        ("picture threat", "take it down my pic"),
        ("picture threat/me", "pic me"),
        ("picture threat <3", "pic a threat"),
        ("picture threat", "pic | threat"),
        ("picture threat", "pic " + "a " * (USUAL_WIDTH - 2) + "threat"),
        ("picture me threat", "threat me pic pic pic"),
        ("> me picture", "me pic"),
        ("threat me !picture", "threat me"),
    ],
)
def test_rule_is_met_in_any_order_within_its_width(rule: str, text: str) -> None:
    assert is_met(rule, text)


@pytest.mark.parametrize(
    ("rule", "text"),
    [
        ("picture threat", "picture"),
        ("picture threat", "epic threat"),
        ("picture threat", "pic take | it down"),
        ("picture threat <3", "pic a b threat"),
        ("picture threat <3", "pic | threat"),
        ("picture threat", "pic " + "a " * (USUAL_WIDTH - 1) + "threat"),
        ("picture me threat", "me pic pic pic"),
        ("> me picture", "pic me"),
        # Anywhere in the text, also behind.
        ("threat me !picture", "threat me" + " a" * 100 + " pic"),
        ("me picture", f"me pic{'a' * LONGEST_WORD}"),
        # A shared rule that a language has no words for is left out.
        ("picture money", "picture money"),
    ],
)
def test_rule_is_not_met(rule: str, text: str) -> None:
    assert not is_met(rule, text)


def test_sentences_are_further_apart_than_words() -> None:
    assert PAUSE > 0
    assert is_met(f"picture threat <{PAUSE + 2}", "pic | threat")
    assert not is_met(f"picture threat <{PAUSE + 1}", "pic | threat")


def test_rules_of_an_idea_make_one_of_others() -> None:
    rules = ThemeRules(
        {"mypicture": "> me picture <3", "blackmail": "mypicture threat"},
        [{"checked_by": "", "ideas": IDEAS}],
        normalise_words,
    )
    assert rules.themes_in(["me", "pic", "and", "a", "threat"]) == {CrisisTheme.BLACKMAIL}
    assert not rules.themes_in(["pic", "of", "me", "and", "a", "threat"])


def test_idea_that_a_language_makes_of_others_counts_in_shared_rules() -> None:
    ideas = IDEAS | {"later": "later", "send": "send"}
    language: LanguageWords = {"checked_by": "", "ideas": ideas | {"willshare": "sends"}, "rules": {}}
    language["rules"] = {"willshare": "> later send <3"}
    rules = ThemeRules({"blackmail": "willshare picture"}, [language], normalise_words)
    assert rules.themes_in(["later", "send", "a", "pic"]) == rules.themes_in(["sends", "pic"]) == {"blackmail"}
    assert not rules.themes_in(["send", "a", "pic"])


def test_rule_of_a_language_is_refused_if_it_has_no_words() -> None:
    assert build_rules("picture me", abuse="threat me").themes_in(["me", "threat"]) == {CrisisTheme.ABUSE}
    with pytest.raises(PatternError, match="has an idea without words"):
        build_rules(abuse="threat money")
    with pytest.raises(ValueError, match="is not a valid CrisisTheme"):
        build_rules(other="threat me")


@pytest.mark.parametrize("word", ["*", "a+!", "!", "a" * 41, "a+b*", "~a+b"])
def test_word_that_no_text_can_have_is_refused(word: str) -> None:
    with pytest.raises(PatternError):
        IdeaWords(lambda part: part.replace("!", "")).add_word(word, 0, {}, ())


@pytest.mark.parametrize(
    ("text", "is_met"),
    [
        ("threats victim", True),
        ("ucthreats ucvictim", True),
        ("uctake it down victim", True),
        ("take ucit down victim", False),
        # Words of a language without prefixes, and a word that is too short to be one behind a prefix.
        ("uctelling victim", False),
        ("threats ucme", False),
    ],
)
def test_whole_words_match_behind_a_prefix_of_their_language(text: str, *, is_met: bool) -> None:
    language: LanguageWords = {
        "checked_by": "",
        "ideas": {"threat": "threats take+it+down", "me": "me victim"},
        "prefixes": "uc",
    }
    other: LanguageWords = {"checked_by": "", "ideas": {"threat": "telling", "me": "victim"}}
    rules = ThemeRules({"blackmail": "threat me"}, [language, other], normalise_words)
    assert bool(rules.themes_in(text.split())) is is_met


@pytest.mark.parametrize("text", ["gray cat", "grey cat", "grey kat", "gray kat"])
def test_spellings_replace_each_other_in_a_sequence_too(text: str) -> None:
    language: LanguageWords = {"checked_by": "", "ideas": {"threat": "gray+cat"}, "spellings": "gray grey\nkat cat\n"}
    rules = ThemeRules({"blackmail": "threat"}, [language], normalise_words)
    assert rules.themes_in(text.split())
    assert not rules.themes_in(["grey"])


@pytest.mark.parametrize(
    ("word", "spellings"),
    [
        ("ndi*", ["ndi*"]),
        ("a{ku,ma}ndi{,ra}*", ["akundi*", "akundira*", "amandi*", "amandira*"]),
        ("{my,our}+sister", ["my+sister", "our+sister"]),
    ],
)
def test_word_with_alternatives_is_each_of_them(word: str, spellings: list[str]) -> None:
    assert list_spellings(word) == spellings


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_no_shipped_sequence_is_longer_than_a_text_is_compared(path: Path) -> None:
    words = " ".join(load_words(path)["ideas"].values()).split()
    too_long = [
        spelling for word in words for spelling in list_spellings(word) if spelling.count("+") >= LONGEST_SEQUENCE
    ]
    assert too_long == []


def test_language_matches_each_alternative_within_a_word() -> None:
    ideas = {"threat": "*{nd,n}iopsez*", "me": "{a,wa}{ku,ma}ndi*"}
    rules = ThemeRules({"blackmail": "threat me"}, [{"checked_by": "", "ideas": ideas}], normalise_words)
    assert rules.themes_in(["akundiopseza"]) == rules.themes_in(["wamandi", "aniopseze"]) == {CrisisTheme.BLACKMAIL}
    assert not rules.themes_in(["kundiopseza"])


def test_language_with_loans_has_the_english_words_beside_its_own(tmp_path: Path) -> None:
    path = tmp_path / "xx.toml"
    lines = ['checked_by = ""', "loans = true", "[ideas]", 'picture = "zithunzi"']
    path.write_text("\n".join(lines))
    loans = tomllib.loads(LOANS.read_text())
    words = load_words(path)
    assert words["ideas"] == loans["ideas"] | {"picture": f"zithunzi {loans['ideas']['picture']}"}
    assert words["rules"] == {theme: lines.strip() for theme, lines in loans["rules"].items()}
    path.write_text("\n".join(line for line in lines if "loans" not in line))
    assert load_words(path)["ideas"] == {"picture": "zithunzi"}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_shipped_words_have_known_ideas(path: Path) -> None:
    words, shared = load_words(path), tomllib.loads(THEMES.read_text())
    rules = [*shared.values(), *words.get("rules", {}).values()]
    names = {name.strip("!") for lines in rules for part in lines.split() for name in part.split("/")}
    assert {*words["ideas"]} - names == set()
    assert {"picture", "threat", "share", "wish"} <= {*words["ideas"]}


def test_shared_rules_name_ideas_that_english_has() -> None:
    shared = tomllib.loads(THEMES.read_text())
    parts = {part for lines in shared.values() for part in lines.split() if part[0] not in "<>"}
    names = {name.strip("!") for part in parts for name in part.split("/")}
    others = {name for path in FILES for name in load_words(path)["ideas"]}
    assert names - others - {*shared} == set()


def test_every_theme_has_a_help_page() -> None:
    assert set(HELP_PAGES) == {*CrisisTheme}
    assert {Situation(page).value for page in HELP_PAGES.values()} == set(HELP_PAGES.values())


@pytest.mark.parametrize(
    ("text", "page"),
    [
        ("he has my pics and wants money or he sends them to my mum. I want to die", "threats"),
        ("my ex leaked my nudes, I want to die", "me"),
        ("my stepdad beats me every night", "danger"),
        ("i want to kill myself", "upset"),
        ("I found a page with bad pictures", ""),
    ],
)
def test_page_of_the_theme_that_leads(text: str, page: str) -> None:
    assert find_help_page(text) == page


def test_words_ask_for_nothing_in_an_address() -> None:
    assert find_themes("http://a.example/my-ex-leaked-my-nudes") == frozenset()


def test_themes_take_time_in_proportion_to_the_text() -> None:
    """The words that most rules wait for: without a limit, each would cost as much as all before it."""
    common = [
        word
        for path in FILES
        for idea in ("me", "he", "if")
        for word in load_words(path)["ideas"].get(idea, "").split()
    ]
    unit = " ".join(word.strip("*~").replace("+", " ") for word in common)
    find_themes("the files are read once")
    seconds = []
    for size in (10_000, 20_000):
        begun = time.process_time()
        find_themes((f"{unit} " * (size // len(unit) + 1))[:size])
        seconds.append(time.process_time() - begun)
    assert seconds[1] < 0.5


def test_languages_are_marked_until_a_native_reader_has_seen_them() -> None:
    languages = crisis_languages()
    assert {path.stem for path in FILES} <= languages.keys()
    assert all(not reader or any(sign.isdecimal() for sign in reader) for reader in languages.values())
