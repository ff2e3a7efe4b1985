"""The kinds of request: functions that send it and return the answer.

A request that goes astray would prove nothing, so kinds name the expected answers where these are known, and how
many did not is a figure. They run in the order of the modules of `ORDER`, and within these of their functions: later
ones use data of earlier ones.
"""

import http.client
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from importlib import import_module

import psycopg

from tests.proofs.privacy.scene import Scene

type Act = Callable[[Scene], object]

ORDER = ("reporters", "partners", "wire", "failures", "staff", "history", "administration")


@dataclass(frozen=True, slots=True)
class RequestKind:
    """`meant`: the accepted answers, as text; empty accepts any: only the bytes written in the meantime matter."""

    name: str
    act: Act
    meant: frozenset[str]
    slow: bool

    def done(self, scene: Scene) -> str:
        """The answer; "" where it is an accepted one."""
        try:
            came = str(self.act(scene))
        except (OSError, RuntimeError, LookupError, http.client.HTTPException, psycopg.Error) as error:
            return f"{self.name}: {type(error).__name__} {error}"
        finally:
            scene.close()
        return "" if not self.meant or came in self.meant else f"{self.name}: {came}"


_listed: list[RequestKind] = []


def register_kind(name: str, *meant: object, slow: bool = False) -> Callable[[Act], Act]:
    """Register the function below as a kind. `slow` ones are left out of the short form."""

    def listed(act: Act) -> Act:
        _listed.append(RequestKind(name, act, frozenset(map(str, meant)), slow))
        return act

    return listed


def load_kinds(*, full: bool) -> Iterator[RequestKind]:
    for module in ORDER:
        import_module(f"{__name__}.{module}")
    yield from (each for each in _listed if full or not each.slow)


def distinct_statuses(found: Iterable[int]) -> str:
    """Each status of several answers once."""
    return " ".join(map(str, sorted(set(found))))
