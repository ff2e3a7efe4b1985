"""National hotlines in countries without a portal here, from a file of the release or of the installation."""

import logging
import tomllib
from datetime import date
from functools import cache
from pathlib import Path
from typing import NamedTuple, NotRequired, TypedDict

from django.conf import settings

from countries.models.verification import digest_of_values

logger = logging.getLogger(__name__)
SHIPPED = Path(__file__).parent.parent / "data" / "hotlines.toml"


class HotlineEntry(TypedDict):
    """One table of the file."""

    country: str
    name: str
    website: str
    source: str
    verified_on: NotRequired[date]
    verified_by: NotRequired[str]
    digest: NotRequired[str]


class NationalHotline(NamedTuple):
    country: str
    name: str
    website: str
    source: str
    # None and "" until a person has compared it with its source.
    verified_on: date | None
    verified_by: str
    # The `value_digest` at that time; "" in a file from before digests, where day and name count alone.
    digest: str

    @property
    def value_digest(self) -> str:
        return digest_of_values([self.country, self.name, self.website])

    @property
    def has_changed_since_verified(self) -> bool:
        return self.digest not in ("", self.value_digest)

    @property
    def verified(self) -> bool:
        return self.verified_on is not None and bool(self.verified_by) and not self.has_changed_since_verified


@cache
def read_hotlines(path: Path) -> tuple[NationalHotline, ...]:
    """All hotlines of the file, read once. None, and a line in the log, where it cannot be read."""
    try:
        entries: list[HotlineEntry] = tomllib.loads(path.read_text(encoding="utf-8")).get("hotline", [])
        return tuple(
            NationalHotline(
                row["country"],
                row["name"],
                row["website"],
                row["source"],
                row.get("verified_on"),
                row.get("verified_by", ""),
                row.get("digest", ""),
            )
            for row in entries
        )
    except (OSError, ValueError, KeyError):
        logger.exception("The file of national hotlines cannot be read.")
        return ()


def national_hotlines() -> list[NationalHotline]:
    """The hotlines that may be shown: the verified ones, and all of them in the demonstration."""
    return [hotline for hotline in listed_hotlines() if hotline.verified or settings.DEMO]


def listed_hotlines() -> tuple[NationalHotline, ...]:
    """All hotlines of the installation's file, or else of the release."""
    return read_hotlines(Path(settings.HOTLINES_FILE) if settings.HOTLINES_FILE else SHIPPED)
