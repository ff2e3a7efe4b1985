"""How hard English words are to read: the Flesch-Kincaid grade, with syllables counted by rule of thumb."""

import re
from html.parser import HTMLParser

SENTENCE = re.compile(r"(?<=[.!?:])\s+")
WORD = re.compile(r"[A-Za-z]+(?:['’-][A-Za-z]+)*")
# Filled in later: one short word each.
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|\{\{.*?\}\}")
TAG = re.compile(r"<[^>]+>")
VOWELS = re.compile(r"[aeiouy]+")


def plain_text(text: str) -> str:
    return " ".join(TAG.sub("", PLACEHOLDER.sub("this", text)).split())


def split_sentences(text: str) -> list[str]:
    return [sentence for sentence in SENTENCE.split(plain_text(text)) if WORD.search(sentence)]


def find_words(text: str) -> list[str]:
    return WORD.findall(text)


def count_syllables(word: str) -> int:
    """Groups of vowels, without a silent e at the end, and with the one that `-ed` and `-es` mostly are not."""
    parts = [part for part in re.split(r"['’-]", word.lower()) if part]
    return sum(max(1, _count_vowel_groups(part)) for part in parts)


def _count_vowel_groups(part: str) -> int:
    count = len(VOWELS.findall(part))
    if re.search(r"[^aeiouyl]e$|[^aeiouytd]ed$|[^aeiouysxzcg]es$", part) or re.search(r"[aeiouy]le$", part):
        count -= 1
    if re.search(r"i[ao](?!u)|[^q]ua|eo", part) and not re.search(r"tion|sion|cial|tial|people", part):
        count += 1
    return count


class PageText(HTMLParser):
    """The English texts of a page's main part, one for each element that begins a new line."""

    BLOCKS = frozenset(
        {"caption", "dd", "div", "dt", "fieldset", "form", "h1", "h2", "h3", "label", "legend", "li", "main", "ol", "p",
         "section", "summary", "table", "td", "th", "tr", "ul", "button"}
    )  # fmt: skip
    WITHOUT_END = frozenset({"br", "hr", "img", "input", "link", "meta", "path"})

    def __init__(self, html: str) -> None:
        super().__init__()
        self.texts: list[str] = [""]
        # The elements around: the tag, and whether the text in it is counted.
        self.around: list[tuple[str, bool]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in self.BLOCKS:
            self.texts.append("")
        if tag not in self.WITHOUT_END:
            counted = tag == "main" or bool(self.around and self.around[-1][1])
            self.around.append((tag, counted and (dict(attrs).get("lang") or "en") == "en"))

    def handle_endtag(self, tag: str) -> None:
        while self.around and self.around.pop()[0] != tag:
            pass
        if tag in self.BLOCKS:
            self.texts.append("")

    def handle_data(self, data: str) -> None:
        if self.around and self.around[-1][1]:
            self.texts[-1] += data


def reading_grade(texts: list[str]) -> float:
    """The school year, of the United States, that reads the texts together without trouble."""
    found = [sentence for text in texts for sentence in split_sentences(text)]
    counted = [word for sentence in found for word in find_words(sentence)]
    return 0.39 * len(counted) / len(found) + 11.8 * sum(map(count_syllables, counted)) / len(counted) - 15.59
