"""The words of ideas, in any spelling that `crisis.normalise_words` levels.

| word | matches |
| --- | --- |
| `word` | this word |
| `stem*`, `*end`, `*middle*` | a word that begins, ends or contains so |
| `take+off` | these words in this order, up to four |
| `~threaten` | any word with the same consonants, of Latin letters: "tretin", "thraten" |
| `a{ku,ma}ndi*` | each of `akundi*` and `amandi*`, for languages that say "he", "now" and "me" within the verb |

Letters that a language writes at the front of words ("and", "in", "the" in Arabic) are its `prefixes`: a whole word, or
the first of a sequence, matches behind one too. Each line of its `spellings` names words that may replace each other.

A text costs one look-up for each part of a word.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import dataclass, field
from itertools import product

from reports.safety.word_patterns import LONGEST_WORD, PatternError

# Fewer consonants are shared by words of any meaning.
FEWEST_CONSONANTS = 3
# Letters behind a prefix: what is left of a shorter word is another word.
FEWEST_BEHIND_PREFIX = 3
NO_IDEAS: frozenset[int] = frozenset()
_CONSONANTS = str.maketrans("cqzxvb", "kksspp", "aeiouyhw")


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
    # For languages with prefixes, the meaning of words behind one.
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
