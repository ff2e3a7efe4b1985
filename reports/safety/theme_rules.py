"""Themes of need, found by ideas: small sets of words that mean one thing, near each other and in any order.

A rule of a theme (`themes.toml`, the same for all languages) is a line of ideas, of which all occur within its width in
words, 10 without a number: `picture threat`, `have my picture/nude <6`; between strokes any one will do, and behind `>`
their order counts: `> my picture <4`. `!minor` is an idea that the text has nowhere. A language
(`words/<tag>.toml`) names the words of each idea and may have rules of its own. An idea
may be made of others, by rules under its name. Words are written in any spelling that `crisis.normalise_words` levels:

| word | matches |
| --- | --- |
| `word` | this word |
| `stem*`, `*end`, `*middle*` | a word that begins, ends or contains so |
| `take+off` | these words in this order, up to four |
| `~threaten` | any word with the same consonants, of Latin letters: "tretin", "thraten" |
| `a{ku,ma}ndi*` | each of `akundi*` and `amandi*`, for languages that say "he", "now" and "me" within the verb |

Letters that a language writes at the front of words ("and", "in", "the" in Arabic) are its `prefixes`: a whole word, or
the first of a sequence, matches behind one too. Each line of its `spellings` names words that may replace each other.

A text costs one look-up for each part of a word and one comparison for each rule of an idea, however it is written.
"""

from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import product
from typing import NotRequired, TypedDict

from reports.safety.word_patterns import LONGEST_WORD, SENTENCE_END, PatternError

# In words. The end of a sentence counts as so many.
USUAL_WIDTH = 10
PAUSE = 2
LONGEST_SEQUENCE = 4
# Fewer consonants are shared by words of any meaning.
FEWEST_CONSONANTS = 3
# Letters behind a prefix: what is left of a shorter word is another word.
FEWEST_BEHIND_PREFIX = 3
# Words before the text: further than any rule is wide.
NEVER = 1_000
NO_IDEAS: frozenset[int] = frozenset()
_CONSONANTS = str.maketrans("cqzxvb", "kksspp", "aeiouyhw")


class CrisisTheme(StrEnum):
    """The kinds of need that a text can tell of."""

    BLACKMAIL = "blackmail"
    OWN_PICTURE = "own_picture"
    ABUSE = "abuse"
    SELF_HARM = "self_harm"
    # Words of the list without a theme, and those of an installation.
    GENERAL = "general"


class LanguageWords(TypedDict):
    """A file of words.

    checked_by: the native reader and the day; "" until one has read the words.
    covers: tags of languages that are written nearly the same.
    loans: whether its writers mix in English words: it has those of `loans.toml`, and its rules.
    ideas: the words of each idea, with blanks between them.
    rules: further rules, by theme.
    prefixes: letters that are written at the front of its words.
    spellings: a line names spellings of one word, or words of dialects for one thing.
    """

    checked_by: str
    ideas: dict[str, str]
    covers: NotRequired[str]
    loans: NotRequired[bool]
    rules: NotRequired[dict[str, str]]
    prefixes: NotRequired[str]
    spellings: NotRequired[str]


@dataclass(frozen=True, slots=True, eq=False)
class ThemeRule:
    """`parts`: each a set of ideas, of which one must occur within `width` words. `result`: a theme, or an idea."""

    result: CrisisTheme | int
    parts: tuple[tuple[int, ...], ...]
    width: int
    is_ordered: bool
    barred: tuple[int, ...]

    def is_met(self, last: Mapping[int, int], place: int) -> bool:
        """`last`: by idea, the place of its last word."""
        before = place - self.width
        for part in self.parts:
            latest = last[part[0]] if len(part) == 1 else max([last[idea] for idea in part])
            if latest <= before:
                return False
            if self.is_ordered:
                before = latest
        return True


@dataclass(slots=True)
class IdeaWords:
    """The ideas, as numbers, that words stand for. `normalise`: spells words as those of the texts are spelt."""

    normalise: Callable[[str], str]
    whole: dict[str, set[int]] = field(default_factory=lambda: defaultdict(set))
    beginnings: dict[str, set[int]] = field(default_factory=lambda: defaultdict(set))
    endings: dict[str, set[int]] = field(default_factory=lambda: defaultdict(set))
    # With every beginning of a middle: a search ends where none continues.
    middles: dict[str, set[int]] = field(default_factory=lambda: defaultdict(set))
    consonants: dict[str, set[int]] = field(default_factory=lambda: defaultdict(set))
    # The last words of sequences.
    last_words: set[str] = field(default_factory=set)
    # Of languages with prefixes, what words stand for behind one.
    stems: dict[str, set[int]] = field(default_factory=lambda: defaultdict(set))
    prefixes: tuple[str, ...] = ()

    def add_word(self, word: str, idea: int, spellings: Mapping[str, list[str]], prefixes: Sequence[str]) -> None:
        """`spellings`: by normalised word, those that may replace it. `prefixes`: of its language."""
        parts = [self.normalise(part) for part in word.strip("*~").split("+")]
        plain = " ".join(parts)
        is_part = word.strip("*~") != word
        if not all(parts) or len(plain) > LONGEST_WORD or plain.count(" ") >= len(parts) or (is_part and "+" in word):
            raise PatternError(f"“{word}” is not one word, or a sequence of words")
        match word[0] == "*", word[-1] == "*":
            case True, True:
                self.middles[plain].add(idea)
                for length in range(1, len(plain)):
                    self.middles.setdefault(plain[:length], set())
            case True, False:
                self.endings[plain].add(idea)
            case False, True:
                self.beginnings[plain].add(idea)
            case _ if word[0] == "~":
                self.consonants[_consonants_of(plain)].add(idea)
            case _:
                choices = [spellings.get(part, [part]) for part in parts]
                for choice in product(*choices):
                    self.whole[" ".join(choice)].add(idea)
                    if prefixes:
                        self.stems[" ".join(choice)].add(idea)
                self.last_words.update(*choices[1:][-1:])

    def ideas_of_sequences(self, words: Sequence[str]) -> set[int]:
        """The ideas of the sequences that end with the last word."""
        ideas: set[int] = set()
        end = words[-1]
        if end not in self.last_words:
            return ideas
        for position in range(len(words) - 2, -1, -1):
            end = f"{words[position]} {end}"
            ideas |= self.whole.get(end, NO_IDEAS) | self._find_behind_prefixes(end)
        return ideas

    def ideas_of_word(self, word: str) -> set[int]:
        """The ideas of a word and of its parts."""
        ideas = set(self.whole.get(word, NO_IDEAS))
        if len(word) > LONGEST_WORD:
            return ideas
        ideas |= self._find_behind_prefixes(word)
        for length in range(1, len(word) + 1):
            if word[:length] in self.beginnings:
                ideas |= self.beginnings[word[:length]]
            if word[-length:] in self.endings:
                ideas |= self.endings[word[-length:]]
        for start in range(len(word)):
            for end in range(start + 1, len(word) + 1):
                middle = self.middles.get(word[start:end])
                if middle is None:
                    break
                ideas |= middle
        if word.isascii() and len(consonants := _consonants_of(word)) >= FEWEST_CONSONANTS:
            ideas |= self.consonants.get(consonants, NO_IDEAS)
        return ideas

    def _find_behind_prefixes(self, words: str) -> Set[int]:
        """The ideas of the words without a prefix that they begin with."""
        if not words.startswith(self.prefixes):
            return NO_IDEAS
        stems = (words[len(prefix) :] for prefix in self.prefixes if words.startswith(prefix))
        return {idea for stem in stems if len(stem) >= FEWEST_BEHIND_PREFIX for idea in self.stems.get(stem, NO_IDEAS)}


def list_spellings(word: str) -> list[str]:
    """The word with each of its alternatives in braces; an alternative may be empty."""
    before, brace, rest = word.partition("{")
    if not brace:
        return [word]
    alternatives, _brace, behind = rest.partition("}")
    return [
        spelling
        for alternative in alternatives.split(",")
        for spelling in list_spellings(f"{before}{alternative}{behind}")
    ]


def _consonants_of(word: str) -> str:
    consonants = word.translate(_CONSONANTS)
    return "".join(sign for sign, before in zip(consonants, " " + consonants, strict=False) if sign != before)


class ThemeRules:
    """The rules of all languages. `shared`: the rules of each theme; `languages`: the files of words."""

    def __init__(
        self, shared: Mapping[str, str], languages: Iterable[LanguageWords], normalise: Callable[[str], str]
    ) -> None:
        self._words = IdeaWords(normalise)
        self._rules: list[ThemeRule] = []
        self._ideas = 0
        for language in languages:
            self._add_language(shared, language)
        # A rule that makes an idea comes before those that use it.
        self._rules.sort(key=lambda rule: isinstance(rule.result, CrisisTheme))

    def _add_language(self, shared: Mapping[str, str], language: LanguageWords) -> None:
        combined = [name for name in shared if name not in CrisisTheme]
        names = dict.fromkeys([*language["ideas"], *combined])
        numbers = {name: self._ideas + place for place, name in enumerate(names)}
        self._ideas += len(names)
        prefixes = tuple(map(self._words.normalise, language.get("prefixes", "").split()))
        self._words.prefixes += prefixes
        spellings: dict[str, list[str]] = {}
        for line in language.get("spellings", "").splitlines():
            group = list(dict.fromkeys(map(self._words.normalise, line.split())))
            spellings |= dict.fromkeys(group, group)
        for name, words in language["ideas"].items():
            for word in words.split():
                for spelling in list_spellings(word):
                    self._words.add_word(spelling, numbers[name], spellings, prefixes)
        for rules, is_shared in ((shared, True), (language.get("rules", {}), False)):
            for theme, lines in rules.items():
                result = numbers[theme] if theme in numbers else CrisisTheme(theme)
                for line in filter(str.strip, lines.splitlines()):
                    self._add_rule(result, line.split(), numbers, is_shared=is_shared)

    def _add_rule(
        self, result: CrisisTheme | int, parts: Sequence[str], numbers: Mapping[str, int], *, is_shared: bool
    ) -> None:
        """A shared rule with an idea that the language does not name is left out. Raises PatternError for another."""
        is_ordered = parts[0] == ">"
        width = int(parts[-1][1:]) if parts[-1].startswith("<") else USUAL_WIDTH
        names = [part.split("/") for part in parts if part[0] not in "<>!"]
        ideas = tuple(tuple(numbers[name] for name in part if name in numbers) for part in names)
        if not all(ideas):
            if is_shared:
                return
            raise PatternError(f"“{' '.join(parts)}” has an idea without words")
        barred = tuple(numbers[part[1:]] for part in parts if part[0] == "!" and part[1:] in numbers)
        self._rules.append(ThemeRule(result, ideas, width, is_ordered, barred))

    def themes_in(self, words: Iterable[str]) -> frozenset[CrisisTheme]:
        """The themes of which a rule is in the words, in which SENTENCE_END is between sentences."""
        hits = list(self._find_ideas(words))
        seen = {idea for _place, ideas in hits for idea in ideas}
        rules = self._list_candidates(seen)
        themes: set[CrisisTheme] = set()
        # By idea, the place of the last word for it.
        last: defaultdict[int, int] = defaultdict(lambda: -NEVER)
        for place, ideas in hits:
            last.update(dict.fromkeys(ideas, place))
            waiting = list(ideas)
            for idea in waiting:
                for rule in rules.get(idea, ()):
                    if rule.result in themes or not rule.is_met(last, place):
                        continue
                    if isinstance(rule.result, CrisisTheme):
                        themes.add(rule.result)
                        rules = {
                            name: [row for row in rows if row.result not in themes] for name, rows in rules.items()
                        }
                    elif rule.result not in waiting:
                        last[rule.result] = place
                        waiting.append(rule.result)
        return frozenset(themes)

    def _find_ideas(self, words: Iterable[str]) -> Iterator[tuple[int, set[int]]]:
        """The places of words that stand for ideas, and these."""
        place = 0
        sequence: deque[str] = deque(maxlen=LONGEST_SEQUENCE)
        known: dict[str, set[int]] = {}
        for word in words:
            if word == SENTENCE_END:
                place += PAUSE
                sequence.clear()
                continue
            place += 1
            sequence.append(word)
            if word not in known:
                known[word] = self._words.ideas_of_word(word)
            if ideas := known[word] | self._words.ideas_of_sequences(sequence):
                yield place, ideas

    def _list_candidates(self, seen: set[int]) -> Mapping[int, list[ThemeRule]]:
        """By idea, the rules that can be met in a text with these ideas, to which those made of others are added."""
        rules: dict[int, list[ThemeRule]] = defaultdict(list)
        for rule in self._rules:
            if seen.isdisjoint(rule.barred) and not any(seen.isdisjoint(part) for part in rule.parts):
                # Where their order counts, a rule is met with its last idea, or not at all.
                for idea in {idea for part in rule.parts[-rule.is_ordered :] for idea in part} & seen:
                    rules[idea].append(rule)
                if isinstance(rule.result, int):
                    seen.add(rule.result)
        return rules
