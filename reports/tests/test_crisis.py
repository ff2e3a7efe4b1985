"""Words of reporters in need: how many phrases are found in each language, and how many ordinary ones are not."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings

from portal_site.language_checklist import ITEMS
from reports.safety import in_crisis
from reports.safety.crisis import LONGEST_TEXT, MOST_WORDS, crisis_languages, load_list, normalise_words
from reports.tests.crisis_phrases import HELD_OUT, WRITTEN_ALONG, measure_recall
from reports.tests.hostile import TEXTS

# Phrases of a kind and language: for fewer, a percentage says little.
FEWEST_PHRASES = 20


def test_crisis_is_heard_in_every_language() -> None:
    assert {language for language, recall in measure_recall(WRITTEN_ALONG).items() if not recall.is_enough} == set()


def test_crisis_is_heard_in_phrases_that_the_list_was_not_made_from() -> None:
    assert {language for language, recall in measure_recall(HELD_OUT).items() if not recall.is_enough} == set()


@pytest.mark.parametrize("path", [WRITTEN_ALONG, HELD_OUT], ids=lambda path: path.stem)
def test_every_language_with_patterns_is_measured(path: Path) -> None:
    recalls = measure_recall(path)
    assert set(load_list()) <= recalls.keys()
    assert {language for language, each in recalls.items() if min(each.crisis, each.ordinary) < FEWEST_PHRASES} == set()


def test_every_language_of_portals_has_patterns_or_lacks_them_in_the_checklist() -> None:
    item = next(each for each in ITEMS if each.name == "crisis words")
    for tag in dict(settings.LANGUAGES):
        assert bool(item.lacking(tag)) != (tag.split("-")[0] in crisis_languages()), tag


def test_every_pattern_is_heard_but_not_in_an_address() -> None:
    examples = list(_build_examples())
    assert len(examples) > 500
    assert [each for each in examples if not in_crisis(f"… {each.upper()}, http://a.example/x")] == []
    assert not in_crisis("\n".join(f"http://a.example/{each.replace(' ', '-')}" for each in examples))


def _build_examples() -> Iterator[str]:
    """One text of each pattern: its first alternatives, with nothing that is optional."""
    for part in load_list().values():
        for line in part["patterns"].split("\n"):
            words = [
                part["sets"][first.strip("{}")].split()[0] if first[0] == "{" else first
                for first in (element.split("/")[0] for element in line.split() if element[0] not in "[_")
            ]
            if words:
                yield " ".join(words).translate({ord("+"): " ", ord("|"): ".", ord("*"): "a"})


@pytest.mark.parametrize(
    "text",
    [
        "Help me, I am being hurt!",
        "HE   WILL\nHURT ME",
        "Im suicidal",
        "I’m suicidal",
        "I´m suicidal",
        "i wanna k1ll myself",
        "i wannaaa dieeee",
        "i want to... die",
        "me voy a matar",
        "quiero hacerme dano",
        "J’ai envie de mourir",
        "nao quero viver",
        "اريد أن اموت",
        "أُرِيدُ أَنْ أَمُوت",
        "وأريد أن أموت",
        "میں مرنا چاہتا ہوں",
        "ميں مرنا چاہتا ہوں",
        "Nataka kujiua.",
        "मैं मरना चाहता हूँ।",
        "मै मरना चाहता हु",
        "a wan dai",
        "http://a.example/ he hurts me http://b.example/",
    ],
)
def test_crisis_is_heard_however_it_is_spelt(text: str) -> None:
    assert in_crisis(text)


@pytest.mark.parametrize(
    "text",
    [
        *TEXTS.values(),
        "suicide",
        "The page is called Suicide Girls",
        "a video of a child being hurt",
        "they hurt a child",
        "I want to. Die of laughing",
        "help me find the button",
        "I was in a chat and saw it",
        "https://a.example/i-want-to-die?q=I+want+to+die",
        "i/want/to/die",
        "kill-myself.example",
        "I-want-to-die@a.example",
        "quiero reportar una página",
        "je veux signaler une page",
        "أريد أن أبلغ عن صفحة",
        "میں رپورٹ کرنا چاہتا ہوں",
        "nataka kuripoti",
        "मैं रिपोर्ट करना चाहता हूँ",
    ],
)
def test_crisis_is_not_heard_in_reports_and_addresses(text: str) -> None:
    assert not in_crisis(text)


def test_crisis_takes_little_time_for_words_that_most_patterns_begin_with() -> None:
    beginnings = " ".join(each.rpartition(" ")[0] for each in _build_examples())
    words = normalise_words(beginnings).replace("|", "").split()
    unit = " ".join(sorted(set(words), key=words.count)[-12:])
    in_crisis("the list is read once")
    begun = time.process_time()
    in_crisis(f"{unit} " * (LONGEST_TEXT // len(unit)))
    assert time.process_time() - begun < 2


def test_crisis_is_heard_where_a_long_text_begins_and_ends() -> None:
    words = "x " * MOST_WORDS
    assert in_crisis(f"I want to die {words}")
    assert in_crisis(f"{words} I want to die")
    assert not in_crisis(f"{words} I want to die {words}")
