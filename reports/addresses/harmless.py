"""Parts of addresses that are known not to choose what is shown: the rows of `data/harmless.toml`.

Everything else is kept, and makes another address.
"""

import re
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from reports.addresses.host import site_of

DATA = Path(__file__).with_name("data")
# Any path.
_ANY = re.compile(".*", re.DOTALL)


@dataclass(frozen=True, slots=True)
class HarmlessPart:
    """One row: `names` of parameters (in lower case; a prefix ends in "*") or the `pattern` of a fragment.

    sites: the registrable domains it holds for; empty for all. paths: the pattern of the paths it holds for.
    begins: it is the end of a fragment that begins so. scheme, needs: of links whose parameter `needs` names the file.
    """

    names: frozenset[str]
    pattern: re.Pattern[str] | None
    begins: str
    sites: frozenset[str]
    paths: re.Pattern[str]
    scheme: str
    needs: str
    personal: bool
    why: str
    source: str
    checked: date

    def holds_for(self, site: str, path: str) -> bool:
        return (not self.sites or site in self.sites) and self.paths.fullmatch(path) is not None


def load_rows(kind: str) -> tuple[HarmlessPart, ...]:
    """The rows of a kind: `parameter`, `signature`, `fragment`, `label`. KeyError for a row without source or date."""
    rows: list[Mapping[str, Any]] = tomllib.loads((DATA / "harmless.toml").read_text(encoding="utf-8"))[kind]
    return tuple(
        HarmlessPart(
            names=frozenset(row.get("names", ())),
            pattern=re.compile(row["pattern"]) if "pattern" in row else None,
            begins=row.get("begins", ""),
            sites=frozenset(row.get("sites", ())),
            paths=re.compile(row["paths"]) if "paths" in row else _ANY,
            scheme=row.get("scheme", ""),
            needs=row.get("needs", ""),
            personal=row.get("personal", False),
            why=row["why"],
            source=row["source"],
            checked=row["checked"],
        )
        for row in rows
    )


PARAMETERS, SIGNATURES, FRAGMENTS, LABELS = map(load_rows, ("parameter", "signature", "fragment", "label"))
# Names without a prefix or a site, which hold everywhere.
TRACKING_PARAMETERS = frozenset(
    name for row in PARAMETERS if not row.sites for name in row.names if not name.endswith("*")
)
PERSONAL_PARAMETERS = frozenset(name for row in PARAMETERS if row.personal for name in row.names)


def _by_name(rows: Iterable[HarmlessPart]) -> tuple[dict[str, list[HarmlessPart]], tuple[str, ...]]:
    """Rows by the name of a parameter, and the prefixes, which hold everywhere."""
    parts: dict[str, list[HarmlessPart]] = {}
    for row in rows:
        for name in row.names:
            parts.setdefault(name, []).append(row)
    return parts, tuple(name.removesuffix("*") for name in parts if name.endswith("*"))


_PARAMETERS, _PREFIXES = _by_name(PARAMETERS)


def tracking_test(host: str, path: str) -> Callable[[str], bool]:
    """A test whether a parameter, `name=value`, is known to be harmless on this host and path.

    The rows are asked once for each name: a query may repeat one thousands of times.
    """
    site = site_of(host)
    answers: dict[str, bool] = {}

    def is_tracking(parameter: str) -> bool:
        name = parameter.partition("=")[0].lower()
        if name.startswith(_PREFIXES):
            return True
        if name not in _PARAMETERS:
            return False
        if name not in answers:
            answers[name] = any(row.holds_for(site, path) for row in _PARAMETERS[name])
        return answers[name]

    return is_tracking


def without_harmless_fragment(fragment: str, host: str, path: str) -> str:
    """The fragment without what is known to be harmless; "" if that is all of it."""
    site = site_of(host)
    for row in FRAGMENTS:
        if row.begins and row.holds_for(site, path):
            fragment = fragment.partition(row.begins)[0]
    is_tracking = tracking_test(host, path)
    if all(not parameter or ("=" in parameter and is_tracking(parameter)) for parameter in fragment.split("&")):
        return ""
    is_harmless = any(
        row.pattern and row.pattern.fullmatch(fragment) and row.holds_for(site, path) for row in FRAGMENTS
    )
    return "" if is_harmless else fragment


def without_signature(url: str, host: str, path: str) -> str:
    """The address without the parameters that only allow it to be opened for a time."""
    head, mark, query = url.partition("?")
    site = site_of(host)
    query, hash_mark, fragment = query.partition("#")
    parameters = query.split("&") if mark else []
    names = {_name_of(parameter) for parameter in parameters}
    rows = [row for row in SIGNATURES if row.needs in names and row.holds_for(site, path)]
    if not rows:
        return url
    query = "&".join(parameter for parameter in parameters if not any(_name_of(parameter) in row.names for row in rows))
    return head + (f"?{query}" if query else "") + hash_mark + fragment


def without_labels(link: str) -> str:
    """A link that names a file by its content, without the parameters that only label it."""
    scheme, _colon, rest = link.partition(":")
    head, mark, query = rest.partition("?")
    parameters = query.split("&")
    for row in LABELS:
        if row.scheme == scheme and any(_name_of(parameter) == row.needs for parameter in parameters):
            parameters = list(_not_labels(parameters, row))
    return f"{scheme}:{head}{mark}{'&'.join(parameters)}"


def _not_labels(parameters: Iterable[str], row: HarmlessPart) -> Iterator[str]:
    prefixes = tuple(name.removesuffix("*") for name in row.names if name.endswith("*"))
    for parameter in parameters:
        name = _name_of(parameter)
        if name not in row.names and not (prefixes and name.startswith(prefixes)):
            yield parameter


def _name_of(parameter: str) -> str:
    return parameter.partition("=")[0].lower()
