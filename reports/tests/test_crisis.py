"""Words of reporters in need: what is heard as one and what is not, as what kind, and at what cost."""

import time

import pytest
from django.conf import settings

from countries.public.help.situations import Situation
from portal_site.language_checklist import ITEMS
from reports.safety import find_help_page, in_crisis
from reports.safety.crisis import HELP_PAGES, LONGEST_TEXT, MOST_WORDS, CrisisTheme, crisis_languages
from reports.tests.hostile import TEXTS


def test_every_language_of_portals_has_words_or_lacks_them_in_the_checklist() -> None:
    item = next(each for each in ITEMS if each.name == "crisis words")
    for tag in dict(settings.LANGUAGES):
        assert bool(item.lacking(tag)) != (tag.split("-")[0] in crisis_languages()), tag


def test_languages_are_marked_until_a_native_reader_has_seen_them() -> None:
    readers = crisis_languages().values()
    assert all(not reader or any(sign.isdecimal() for sign in reader) for reader in readers)


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


@pytest.mark.parametrize(
    ("text", "page"),
    [
        ("he has my pics and wants money or he sends them to my mum", "threats"),
        ("my ex leaked my nudes", "me"),
        ("my stepdad beats me every night", "danger"),
        ("i want to kill myself", "upset"),
        ("I found a page with bad pictures", ""),
    ],
)
def test_page_of_the_theme(text: str, page: str) -> None:
    assert find_help_page(text) == page


def test_every_theme_has_a_help_page() -> None:
    assert set(HELP_PAGES) == {*CrisisTheme}
    assert {Situation(page).value for page in HELP_PAGES.values()} == set(HELP_PAGES.values())


@pytest.mark.parametrize("unit", ["i want to die ", "mamamama" * 5 + " ", "a ", "नमस्ते ", "| "])
def test_crisis_takes_little_time(unit: str) -> None:
    """For any text of the greatest length."""
    in_crisis("the model is read once")
    begun = time.process_time()
    in_crisis(unit * (LONGEST_TEXT // len(unit)))
    assert time.process_time() - begun < 2


def test_crisis_is_heard_where_a_long_text_begins_and_ends() -> None:
    words = "page " * MOST_WORDS
    assert in_crisis(f"I want to die. {words}")
    assert in_crisis(f"{words}. I want to die")
    assert not in_crisis(f"{words} I want to die {words}")
