"""Themes of need, found by ideas: small sets of words that mean one thing, near each other and in any order.

A rule of a theme (`themes.toml`, the same for all languages) is a line of ideas, of which all occur within its width in
words, 10 without a number: `picture threat`, `have my picture/nude <6`; between strokes any one will do, and behind `>`
their order counts: `> my picture <4`. `!minor` is an idea that the text has nowhere. A language
(`words/<tag>.toml`) names the words of each idea (`idea_words`) and may have rules of its own. An idea may be made of
others, by rules under its name.

A text costs one comparison for each rule of which it has the rarest idea, however it is written.
"""

from collections import Counter, defaultdict, deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import NotRequired, TypedDict

from reports.safety.idea_words import IdeaWords, list_spellings
from reports.safety.word_patterns import SENTENCE_END, PatternError

# In words. The end of a sentence counts as so many.
USUAL_WIDTH = 10
PAUSE = 2
LONGEST_SEQUENCE = 4
# Words before the text: further than any rule is wide.
NEVER = 1_000


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


class ThemeRules:
    """The rules of all languages. `shared`: the rules of each theme; `languages`: the files of words."""

    def __init__(
        self, shared: Mapping[str, str], languages: Iterable[LanguageWords], normalise: Callable[[str], str]
    ) -> None:
        self._words = IdeaWords(normalise)
        # Rules that make an idea come before rules that use it.
        self._idea_rules: list[ThemeRule] = []
        theme_rules: list[ThemeRule] = []
        self._ideas = 0
        for language in languages:
            for rule in self._read_rules(shared, language):
                (theme_rules if isinstance(rule.result, CrisisTheme) else self._idea_rules).append(rule)
        self._theme_rules = _index_rules(theme_rules)

    def _read_rules(self, shared: Mapping[str, str], language: LanguageWords) -> Iterator[ThemeRule]:
        """The rules of a language, whose words are added."""
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
                    if rule := _read_rule(result, line.split(), numbers, is_shared=is_shared):
                        yield rule

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

        def add_if_possible(rule: ThemeRule) -> bool:
            if not seen.isdisjoint(rule.barred) or any(seen.isdisjoint(part) for part in rule.parts):
                return False
            # Where their order counts, a rule is met with its last idea, or not at all.
            for idea in {idea for part in rule.parts[-rule.is_ordered :] for idea in part} & seen:
                rules[idea].append(rule)
            return True

        for rule in self._idea_rules:
            if add_if_possible(rule) and isinstance(rule.result, int):
                seen.add(rule.result)
        for rule in {rule for idea in seen for rule in self._theme_rules.get(idea, ())}:
            add_if_possible(rule)
        return rules


def _read_rule(
    result: CrisisTheme | int, parts: Sequence[str], numbers: Mapping[str, int], *, is_shared: bool
) -> ThemeRule | None:
    """None for a shared rule with an idea that the language does not name. Raises PatternError for another."""
    is_ordered = parts[0] == ">"
    width = int(parts[-1][1:]) if parts[-1].startswith("<") else USUAL_WIDTH
    names = [part.split("/") for part in parts if part[0] not in "<>!"]
    ideas = tuple(tuple(numbers[name] for name in part if name in numbers) for part in names)
    if not all(ideas):
        if is_shared:
            return None
        raise PatternError(f"“{' '.join(parts)}” has an idea without words")
    barred = tuple(numbers[part[1:]] for part in parts if part[0] == "!" and part[1:] in numbers)
    return ThemeRule(result, ideas, width, is_ordered, barred)


def _index_rules(rules: Iterable[ThemeRule]) -> Mapping[int, list[ThemeRule]]:
    """By each idea of that part which the fewest rules share."""
    rules = list(rules)
    uses = Counter(idea for rule in rules for part in rule.parts for idea in part)
    index: dict[int, list[ThemeRule]] = defaultdict(list)
    for rule in rules:
        for idea in min(rule.parts, key=lambda part: sum(uses[idea] for idea in part)):
            index[idea].append(rule)
    return index
