"""The kinds of request, each a function that does it and says what came back.

A kind whose request went astray would prove nothing, so where it is known what must come back that is told, and how
many did not is a figure. In the order of the modules of `ORDER`, and in these of their functions: later ones use what
earlier ones left.
"""

import http.client
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from importlib import import_module

import psycopg

from tests.proofs.privacy.scene import Scene

type Act = Callable[[Scene], object]

ORDER = ("reporters", "wire", "failures", "staff", "administration")


@dataclass(frozen=True, slots=True)
class RequestKind:
    """`meant`: what may come back, as text; empty where anything may: the point is what is written meanwhile."""

    name: str
    act: Act
    meant: frozenset[str]
    slow: bool

    def done(self, scene: Scene) -> str:
        """What came back; "" where that is as it was meant."""
        try:
            came = str(self.act(scene))
        except (OSError, RuntimeError, LookupError, http.client.HTTPException, psycopg.Error) as error:
            return f"{self.name}: {type(error).__name__} {error}"
        finally:
            scene.close()
        return "" if not self.meant or came in self.meant else f"{self.name}: {came}"


_listed: list[RequestKind] = []


def register_kind(name: str, *meant: object, slow: bool = False) -> Callable[[Act], Act]:
    """Lists the function below as a kind. `slow` ones are left out of the short form."""

    def listed(act: Act) -> Act:
        _listed.append(RequestKind(name, act, frozenset(map(str, meant)), slow))
        return act

    return listed


def load_kinds(*, full: bool) -> Iterator[RequestKind]:
    for module in ORDER:
        import_module(f"{__name__}.{module}")
    yield from (each for each in _listed if full or not each.slow)


def distinct_statuses(found: Iterable[int]) -> str:
    """Of several answers, each status once."""
    return " ".join(map(str, sorted(set(found))))
