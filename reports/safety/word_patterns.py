"""Sequences of words in a small closed grammar, all found in one pass over a text.

A pattern is a line of elements with blanks between them:

| element | matches |
| --- | --- |
| `word` | this word |
| `stem*`, `*end` | a word that begins, or ends, so |
| `one/other` | either of them |
| `going+to` | these words in this order; also as one of several alternatives |
| `{name}` | an entry of a named set, whose entries are alternatives with blanks between them |
| `[element]` | the element, or nothing |
| `_3` | up to three words of any kind, within the sentence |
| `|` | the beginning or the end of a sentence |

Nothing repeats without a limit, and patterns contain no patterns. A text moves each state of the automaton at most once
for each of its words, so the time is linear in the text, however it is written.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from functools import cache

SENTENCE_END = "|"
# Characters. No word of a pattern is longer.
LONGEST_WORD = 40
MOST_SKIPPED = 5
# No word is spelt so: `normalise` leaves letters and digits only.
_ANY_WORD = "_"
_OPTIONAL = "[_"


class PatternError(ValueError):
    """A pattern that the grammar does not allow."""


class WordPatterns:
    """Patterns in a nondeterministic automaton, whose states are numbers; 0 is where every pattern begins.

    patterns: each with the named sets that it refers to.
    normalise: spells a word of a pattern as the words of the texts are spelt.
    prefixes: letters that may be written at the front of any word, like the Arabic "and".
    """

    def __init__(
        self,
        patterns: Iterable[tuple[str, Mapping[str, str]]],
        normalise: Callable[[str], str],
        prefixes: Iterable[str] = (),
    ) -> None:
        # Patterns share words, and a word takes longer to spell than to find.
        self._spell = cache(normalise)
        self._prefixes = tuple(prefixes)
        # By state, the states that a symbol leads to. A symbol is a group of words that one element accepts.
        self._steps: list[dict[str, set[int]]] = [{}]
        # By state, the states that need no word.
        self._free: list[set[int]] = [set()]
        self._ends: set[int] = set()
        # By state and element, the state behind it: patterns share how they begin.
        self._built: dict[tuple[int, str], int] = {}
        self._words: defaultdict[str, set[str]] = defaultdict(set)
        self._beginnings: defaultdict[str, set[str]] = defaultdict(set)
        self._endings: defaultdict[str, set[str]] = defaultdict(set)
        for pattern, sets in patterns:
            self._add_pattern(pattern, sets)
        self._begin = self._reach_freely({0})
        for steps in self._steps:
            for symbol, states in steps.items():
                steps[symbol] = self._reach_freely(states)
        # By word of a pattern, its symbols and the states behind a beginning: most words of a text are among them.
        self._known = {word: self._find_symbols(word) for word in self._words}
        self._first = {word: self._step_from(self._begin, symbols) for word, symbols in self._known.items()}

    def _add_pattern(self, pattern: str, sets: Mapping[str, str]) -> None:
        elements = pattern.split()
        if any(elements[end][0] in _OPTIONAL for end in (0, -1)):
            raise PatternError(f"“{pattern}” begins or ends with an element that may match nothing")
        state = 0
        for element in elements:
            state = self._add_element(state, element, sets)
        self._ends.add(state)

    def are_in(self, words: Iterable[str]) -> bool:
        """Whether any pattern is in the words, in which SENTENCE_END is between sentences."""
        states: set[int] = set()
        for word in words:
            if word in self._known:
                states = self._step_from(states, self._known[word]) | self._first[word]
            else:
                states = self._step_from(states | self._begin, self._find_symbols(word))
            if not states.isdisjoint(self._ends):
                return True
        return False

    def _step_from(self, states: set[int], symbols: set[str]) -> set[int]:
        reached: set[int] = set()
        for state in states:
            steps = self._steps[state]
            # The smaller side is walked: where patterns begin there are many steps, elsewhere few.
            for symbol in symbols if len(symbols) < len(steps) else steps:
                if symbol in steps and symbol in symbols:
                    reached |= steps[symbol]
        return reached

    def _add_element(self, state: int, element: str, sets: Mapping[str, str]) -> int:
        is_optional = element.startswith("[")
        inner = element.removeprefix("[").removesuffix("]")
        alternatives = [word for entry in inner.split("/") for word in _find_entries(entry, sets)]
        key = f"{is_optional} {'/'.join(sorted(alternatives))}"
        if (state, key) in self._built:
            return self._built[state, key]
        end = self._built[state, key] = self._add_state()
        if is_optional:
            self._free[state].add(end)
        if inner.startswith("_"):
            self._add_gap(state, end, inner)
        else:
            self._add_alternatives(state, end, alternatives)
        return end

    def _add_gap(self, state: int, end: int, gap: str) -> None:
        count = int(gap[1:]) if gap[1:].isdecimal() else 0
        if not 0 < count <= MOST_SKIPPED:
            raise PatternError(f"{gap} is not from _1 to _{MOST_SKIPPED}")
        self._free[state].add(end)
        for _ in range(count):
            after = self._add_state()
            self._steps[state].setdefault(_ANY_WORD, set()).add(after)
            self._free[after].add(end)
            state = after

    def _add_alternatives(self, state: int, end: int, alternatives: list[str]) -> None:
        """One symbol for all single words, and the steps of each sequence."""
        single = [alternative for alternative in alternatives if "+" not in alternative]
        if single:
            self._add_step(state, end, single)
        for alternative in alternatives:
            *others, last = alternative.split("+")
            before = state
            for word in others:
                after = self._add_state()
                self._add_step(before, after, [word])
                before = after
            if others:
                self._add_step(before, end, [last])

    def _add_step(self, state: int, end: int, words: list[str]) -> None:
        symbol = "/".join(sorted(words))
        for word in words:
            where = self._beginnings if word.endswith("*") else self._endings if word.startswith("*") else self._words
            where[self._spell_word(word)].add(symbol)
        self._steps[state].setdefault(symbol, set()).add(end)

    def _spell_word(self, word: str) -> str:
        plain = word.strip("*")
        spelt = plain if plain == SENTENCE_END else self._spell(plain)
        if not spelt or len(spelt) > LONGEST_WORD or " " in spelt or (SENTENCE_END in spelt and plain != SENTENCE_END):
            raise PatternError(f"“{word}” is not one word")
        return spelt

    def _add_state(self) -> int:
        self._steps.append({})
        self._free.append(set())
        return len(self._steps) - 1

    def _find_symbols(self, word: str) -> set[str]:
        if word == SENTENCE_END:
            return self._words.get(word, set())
        symbols = {_ANY_WORD}
        if len(word) <= LONGEST_WORD:
            self._collect_symbols(word, symbols)
            for prefix in self._prefixes:
                if word.startswith(prefix) and len(word) > len(prefix) + 2:
                    self._collect_symbols(word[len(prefix) :], symbols)
        return symbols

    def _collect_symbols(self, word: str, symbols: set[str]) -> None:
        symbols |= self._words.get(word, set())
        for length in range(1, len(word) + 1):
            symbols |= self._beginnings.get(word[:length], set())
            symbols |= self._endings.get(word[-length:], set())

    def _reach_freely(self, states: set[int]) -> set[int]:
        """The states and all that follow them without a word."""
        reachable = set(states)
        waiting = list(states)
        while waiting:
            new = self._free[waiting.pop()] - reachable
            reachable |= new
            waiting += new
        return reachable


def _find_entries(alternative: str, sets: Mapping[str, str]) -> list[str]:
    """The entries of a named set, or the alternative itself."""
    if not alternative.startswith("{"):
        return [alternative]
    name = alternative.strip("{}")
    if name not in sets:
        raise PatternError(f"There is no set “{name}”")
    return sets[name].split()
