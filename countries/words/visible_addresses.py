"""Finds the addresses that a reader sees in a text, however its characters are encoded. Takes linear time."""

import re
from collections.abc import Iterator
from functools import cache
from importlib.resources import files

from countries.words.signs import PLACEHOLDER, TAG, fold_visible

_SCHEME = re.compile(
    r"(?i)[\w+-]{0,30}://\S{0,200}|\b(?:javascript|vbscript|data|mailto|tel|sms|file|blob|ftp|xmpp|tg|whatsapp|intent"
    r"|about|magnet|wss?|geo|skype|signal|hxxps?):[^\s]{0,200}|(?<![\w/])//\w\S{0,200}"
)
_MAIL = re.compile(r"\S{0,64}@\S{0,64}")
_AROUND = ".,;:!?()[]{}«»“”„‘’…\"'،؛؟।۔。"

# In place of a placeholder, whose value may be the beginning of an address.
_FILLED_IN = "\ufffc"
_LETTER = rf"[^\W_]|[-{_FILLED_IN}]"
_LABELS = rf"(?:{_LETTER}){{1,63}}+(?:\.(?:{_LETTER}){{1,63}}+)*+"
# “Dot” in the languages that are most often spoken. Between words, and only in front of a top level of the internet.
_DOT_WORDS = fold_visible(
    "dot|punto|ponto|point|punkt|punt|kropka|nokta|nukta|noktah|titik|tuldok|chấm|точка|крапка|тачка|нүкте|чекит"
    "|نقطة|نقطه|نکتہ|نقطہ|ڈاٹ|دات|डॉट|बिंदु|ডট|டாட்|ดอท|ចុច|닷|점|ドット|点|點"
)
# Labels with full stops between them; also with [.] or (at).
_WRITTEN_HOST = re.compile(rf"(?:{_LETTER}){{1,63}}+\.{_LABELS}|\w\s?[\[({{]\s?(?:\.|at|{_DOT_WORDS})\s?[\])}}]\s?\w")
_LETTERS_AT_END = re.compile(r"[^\W\d_]{2}")
# Signs and words that are read as a full stop, and are something else in most texts: they count in front of a top level
# only. The ideographic full stop ends sentences without a space; the middle dot is a letter between two l in Catalan.
_NAME_BEFORE = rf"(?<=[^\W_]|{_FILLED_IN})"
_OTHER_DOT = re.compile(
    rf"{_NAME_BEFORE}(?:\s{{0,2}}。\s{{0,2}}|[∙⋅•‧・]|(?<!l)·|·(?!l)|\s{{1,3}}\.\s{{0,3}})(?=({_LABELS}))"
)
_DOT_BEFORE_SPACE = re.compile(rf"{_NAME_BEFORE}\.\s{{1,3}}(?=({_LABELS}))")
_DOT_WORD = re.compile(
    rf"{_NAME_BEFORE}(?:[\s_-]{{1,3}}(?:{_DOT_WORDS})[\s_-]{{1,3}}|(?<=[a-z\d])\s?[点點]\s?)(?=({_LABELS}))"
)
_NOT_ASCII = re.compile(r"[^a-zA-Z\d]")
_SPACED_LETTERS = re.compile(r"(?<![^\W_])(?:[^\W_]\s){2,}[^\W_](?![^\W_])")
_ENDS_PART = re.compile(r"\s*(?:$|[^\w\s])")


def find_visible_addresses(text: str) -> set[str]:
    """All parts that can be read as an address, each as it is seen: folded, without case and stacked marks."""
    seen = fold_visible(PLACEHOLDER.sub(_FILLED_IN, TAG.sub("", text)))
    seen = _SPACED_LETTERS.sub(lambda match: "".join(match[0].split()), seen)
    plain = seen.casefold()
    parts = [match[0] for pattern in (_SCHEME, _MAIL) for match in pattern.finditer(plain)]
    parts += [match[0] for match in _WRITTEN_HOST.finditer(plain) if _is_host(match[0])]
    parts += [*_find_disguised(_OTHER_DOT, plain), *_find_disguised(_DOT_WORD, plain)]
    parts += _find_disguised(_DOT_BEFORE_SPACE, seen)
    return {part.strip(_AROUND) for part in parts}


def _is_host(part: str) -> bool:
    return not set(part).isdisjoint("[({") or _LETTERS_AT_END.search(part.rpartition(".")[2]) is not None


def _find_disguised(pattern: re.Pattern[str], text: str) -> Iterator[str]:
    for match in pattern.finditer(text):
        top_level = _find_top_level(match[1])
        # Two letters are also a word of many languages, and with a capital letter the word begins a sentence.
        is_word = len(top_level) == 2 and not _ENDS_PART.match(text, match.end(1))
        is_start = len(top_level) == 2 or top_level.istitle()
        if not top_level or (pattern is _DOT_WORD and is_word) or (pattern is _DOT_BEFORE_SPACE and is_start):
            continue
        start = max(text.rfind(" ", 0, match.start()) + 1, match.start() - 63)
        yield text[start : match.end(1)].casefold()


def _find_top_level(labels: str) -> str:
    """The first label that is a top level of the internet, in any case, or begins with one in front of a script
    without spaces; or else ""."""
    for label in labels.split("."):
        for name in (label, _NOT_ASCII.split(label)[0]):
            if name.casefold() in _top_levels():
                return name
    return ""


@cache
def _top_levels() -> frozenset[str]:
    rules = files("publicsuffixlist").joinpath("public_suffix_list.dat").read_text(encoding="utf-8").split("\n")
    return frozenset(rule.rpartition(".")[2] for rule in rules if rule and not rule.startswith("//"))
