"""Finds texts on which a regular expression takes more than linear time, made from the expression's own structure.

Each text is `prefix + pump * n + suffix`: the pump is what a part of the expression accepts, and the suffix makes it
fail at the end. Judged by growth: a clock alone would depend on the machine.
"""

import random
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from itertools import islice, product
from time import thread_time
from typing import Any

# The library has no public parser of its own expressions.
_parser: Any = import_module("re._parser")

MOST_ATTACKS = 120
SUFFIXES = ("", "\0", "x", "!")
# Characters. In up to 24 of them exponential time shows already, and cubic time in up to 1,000.
SHORT = (8, 12, 16, 20, 24, 100, 300, 1_000)
LONG, LONGER = 5_000, 15_000
# Seconds of the processor. A linear expression takes some ten nanoseconds a character; one that takes longer than
# SURELY_SLOW for LONG would take seconds for a body of the greatest size, however it grows.
SUSPICIOUS = 0.002
SURELY_SLOW = 0.06
# LONGER has three times the characters of LONG: linear time is 3 times as long, quadratic 9 times.
MOST_GROWTH = 5.5
# Characters of a category, inside and outside.
CATEGORIES = {
    "CATEGORY_DIGIT": "1",
    "CATEGORY_NOT_DIGIT": "a",
    "CATEGORY_SPACE": " ",
    "CATEGORY_NOT_SPACE": "a",
    "CATEGORY_WORD": "a1",
    "CATEGORY_NOT_WORD": " .",
}
REPEATS = ("MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT")


@dataclass(frozen=True, slots=True)
class PatternAttack:
    prefix: str
    pump: str
    suffix: str

    def text(self, length: int) -> str:
        """About `length` characters."""
        return self.prefix + self.pump * max(1, length // len(self.pump)) + self.suffix


type Use = Callable[[str], object]


def find_slow_attack(pattern: re.Pattern[str], *, searched: bool = True) -> PatternAttack | None:
    """A text on which `pattern` takes more than linear time, or None.

    searched: whether it is tried at every place of a text; otherwise at one place only, by `match` or `fullmatch`.
    """
    uses: tuple[Use, ...] = (partial(_search_all, pattern),) if searched else (pattern.match, pattern.fullmatch)
    return next((attack for attack in build_attacks(pattern) if any(_is_slow(use, attack) for use in uses)), None)


def _search_all(pattern: re.Pattern[str], text: str) -> None:
    """Find all matches, which includes every failed start."""
    for _match in pattern.finditer(text):
        pass


def _is_slow(use: Use, attack: PatternAttack) -> bool:
    """Most expressions are fast, and most of the others linear: each further use is for those that were not so far."""
    if any(_takes_long(use, attack, length) for length in SHORT):
        return True
    if any(_seconds(use, attack, LONG) <= SUSPICIOUS for _ in range(2)):
        return False
    return all(_grows(use, attack) for _ in range(3))


def _grows(use: Use, attack: PatternAttack) -> bool:
    short = min(_seconds(use, attack, LONG) for _ in range(2))
    return short > SURELY_SLOW or _seconds(use, attack, LONGER) > MOST_GROWTH * short


def _takes_long(use: Use, attack: PatternAttack, length: int) -> bool:
    """Whether it takes longer than SURELY_SLOW, each of several times: a loaded machine may make any one longer, but
    not much longer."""
    first = _seconds(use, attack, length)
    return first > 5 * SURELY_SLOW or (
        first > SURELY_SLOW and all(_seconds(use, attack, length) > SURELY_SLOW for _ in range(2))
    )


def _seconds(use: Use, attack: PatternAttack, length: int) -> float:
    text = attack.text(length)
    began = thread_time()
    use(text)
    return thread_time() - began


def build_attacks(pattern: re.Pattern[str]) -> Iterator[PatternAttack]:
    """The same at most MOST_ATTACKS texts each time, those of the expression's repetitions first; none for an
    expression that repeats nothing."""
    tree = _parser.parse(pattern.pattern, pattern.flags & ~re.DEBUG)
    chance = random.Random(pattern.pattern)
    alphabet = "".join(dict.fromkeys(_characters_of(tree)))
    breaks = (*SUFFIXES, *alphabet[-1:])
    found: dict[PatternAttack, None] = {}
    pumps = list(_repeated_parts(tree, chance))
    if not pumps:
        return
    # The text before a repetition, repeated itself: each may begin another search to the end.
    starts = [("", before) for before, _pump in pumps if before]
    for (prefix, pump), suffix in product([*starts[:6], *pumps], breaks):
        found[PatternAttack(prefix, pump, suffix)] = None
    pairs = [one + other for one, other in product(alphabet, repeat=2)]
    chance.shuffle(pairs)
    singles = [("", each) for each in (*alphabet[:24], *(_sample(tree, chance, more) for more in (0, 1, 3)))]
    for (prefix, pump), suffix in product([*singles, *(("", pair) for pair in pairs[:40])], ("", "\0", "x")):
        found[PatternAttack(prefix, pump, suffix)] = None
    yield from islice((attack for attack in found if attack.pump), MOST_ATTACKS)


def _repeated_parts(tree: Any, chance: random.Random, before: str = "") -> Iterator[tuple[str, str]]:
    """(a text in front of it, one turn of it) of each repetition, at any depth."""
    for kind, value in tree:
        name = str(kind)
        if name in REPEATS:
            _least_turns, most, body = value
            if int(most) > 1:
                for more in (0, 1, 3):
                    pump = _sample(body, chance, more)
                    yield from ((before, pump), ("", pump)) if before else (("", pump),)
            yield from _repeated_parts(body, chance, before)
        else:
            for part in _parts_of(name, value):
                yield from _repeated_parts(part, chance, before)
        before += _sample([(kind, value)], chance, 0)


def _parts_of(name: str, value: Any) -> list[Any]:
    """The sequences inside a node."""
    match name:
        case "SUBPATTERN":
            return [value[3]]
        case "BRANCH":
            return list(value[1])
        case "ATOMIC_GROUP":
            return [value]
        case "ASSERT" | "ASSERT_NOT":
            return [value[1]]
        case _ if name in REPEATS:
            return [value[2]]
        case _:
            return []


def _sample(tree: Any, chance: random.Random, more: int) -> str:
    """A text that the sequence accepts, its repetitions with `more` turns than they need."""
    text = ""
    for kind, value in tree:
        name = str(kind)
        if name in REPEATS:
            least, most, body = value
            turns = min(int(least) + more, int(most), 80)
            text += "".join(_sample(body, chance, more) for _ in range(turns))
        elif name == "BRANCH":
            text += _sample(chance.choice(value[1]), chance, more)
        elif name in ("SUBPATTERN", "ATOMIC_GROUP"):
            text += _sample(value[3] if name == "SUBPATTERN" else value, chance, more)
        elif choices := "".join(_characters_of([(kind, value)])):
            text += chance.choice(choices) if name == "IN" else choices[0]
    return text


def _characters_of(tree: Any) -> Iterator[str]:
    """Characters that the expression names, or that stand for what it names."""
    for kind, value in tree:
        match str(kind):
            case "LITERAL":
                yield chr(value)
            case "NOT_LITERAL":
                yield "a" if value != ord("a") else "b"
            case "ANY":
                yield "a"
            case "RANGE":
                yield from map(chr, value)
            case "CATEGORY":
                yield from CATEGORIES[str(value)]
            case "IN" if str(value[0][0]) == "NEGATE":
                compiled = re.compile("[^" + "".join(re.escape(each) for each in _characters_of(value[1:])) + "]")
                yield from (each for each in "a1 ." if compiled.match(each))
            case "IN":
                yield from _characters_of(value)
            case name:
                for part in _parts_of(name, value):
                    yield from _characters_of(part)
