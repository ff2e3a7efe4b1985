"""The catalogue of known portals, one TOML file each: a starting point that belongs to its operators once loaded.

The keys of a file are the fields of Portal; `texts`, `contacts` and `partners` are lists of tables with the
fields of PortalText, Contact and Partner. Facts that no public page confirms have neither `verified_on` nor
`confirmed`.
"""

import tomllib
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

FOLDER = Path(__file__).parent
# Minimal entries to start a new portal from: see `countries.staff.workspace.starting`.
KNOWN = FOLDER / "known.toml"
# Help services for all portals.
SERVICES = FOLDER / "services.toml"
# The region of every country.
REGIONS = FOLDER / "regions.toml"
# Languages of a country beside those of CLDR.
SPOKEN = FOLDER / "spoken.toml"


class Entry(NamedTuple):
    portal: dict[str, Any]
    texts: list[dict[str, Any]]
    contacts: list[dict[str, Any]]
    partners: list[dict[str, Any]]


def entries() -> list[Entry]:
    """Every portal of the catalogue, by file name."""
    return [entry(path) for path in files()]


def harmless_page(language: str) -> str:
    """Where "Leave this page" leads until an operator chooses another page: an encyclopaedia's start page."""
    return f"https://{language.split('-')[0]}.wikipedia.org/"


@cache
def regions_by_country() -> dict[str, str]:
    """The region of every country by its code (ISO 3166-1); those in no region are missing."""
    regions: dict[str, str] = tomllib.loads(REGIONS.read_text(encoding="utf-8"))
    return {code: region for region, codes in regions.items() for code in codes.split()}


@cache
def read_spoken() -> dict[str, Any]:
    """`names` of languages by tag, and by country the `languages` and the `source` of a row of `countries`."""
    return tomllib.loads(SPOKEN.read_text(encoding="utf-8"))


def files() -> list[Path]:
    return sorted(path for path in FOLDER.glob("*.toml") if path not in (KNOWN, REGIONS, SERVICES, SPOKEN))


def entry(path: Path) -> Entry:
    fields = tomllib.loads(path.read_text(encoding="utf-8"))
    lists = {name: fields.pop(name, []) for name in ("texts", "contacts", "partners")}
    return Entry(portal=fields, **lists)


def services() -> list[dict[str, Any]]:
    """The fields of each help service of the catalogue."""
    services: list[dict[str, Any]] = tomllib.loads(SERVICES.read_text(encoding="utf-8"))["services"]
    return services
