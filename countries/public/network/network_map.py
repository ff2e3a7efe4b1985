"""The map of the network: a tile for each country with a portal, roughly where the country is. Drawn as SVG.

A schematic: tiles are alike in size, so that a small country can be seen, and none covers another. The places come from
`data/places.toml`.
"""

import tomllib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import product
from math import floor
from pathlib import Path

PLACES = Path(__file__).parent.parent / "data" / "places.toml"
# The size of a tile, with the gap beside it, in units of the drawing, which is as wide as a phone.
TILE, GAP = 30, 3
COLUMNS = 12
# Degrees of longitude and latitude of a tile.
WIDE, HIGH = 360 / COLUMNS, 8.0
# From these numbers on, a tile is filled higher.
LEVELS = (10, 50, 200)

type Cell = tuple[int, int]


@dataclass(frozen=True, slots=True)
class MapCountry:
    """A country of the map; `number` None: hidden."""

    code: str
    name: str
    number: int | None
    # The number in words.
    text: str


@dataclass(frozen=True, slots=True)
class MapTile:
    """A tile with its left upper corner, and how high it is filled. `level`: 0 where the number is hidden."""

    country: MapCountry
    x: int
    y: int
    level: int

    @property
    def size(self) -> int:
        return TILE - GAP

    @property
    def fill(self) -> int:
        """Height of the filled part at the bottom."""
        return self.level * 4

    @property
    def fill_y(self) -> int:
        return self.y + self.size - self.fill

    @property
    def text_x(self) -> float:
        return self.x + self.size / 2

    @property
    def text_y(self) -> int:
        return self.y + 13


@dataclass(frozen=True, slots=True)
class NetworkMap:
    width: int
    height: int
    tiles: Sequence[MapTile]


@cache
def read_places() -> Mapping[str, tuple[int, int]]:
    """Degrees of latitude and longitude by country code."""
    return {code: (place[0], place[1]) for code, place in tomllib.loads(PLACES.read_text(encoding="utf-8")).items()}


def draw_map(countries: Collection[MapCountry]) -> NetworkMap:
    """Place the countries from north to south. One without a place is left out: the table beside the map has it."""
    places = read_places()
    ordered = sorted(
        (country for country in countries if country.code in places),
        key=lambda country: (-places[country.code][0], country.code),
    )
    tile_countries: dict[Cell, MapCountry] = {}
    for country in ordered:
        latitude, longitude = places[country.code]
        home_cell = (floor((90 - latitude) / HIGH), floor((longitude + 180) / WIDE) % COLUMNS)
        tile_countries[_nearest_free(home_cell, tile_countries)] = country
    row_of, column_of = (_without_gaps({cell[axis] for cell in tile_countries}) for axis in (0, 1))
    tiles = [
        MapTile(country, column_of[column] * TILE + 1, row_of[row] * TILE + 1, _level_of(country.number))
        for (row, column), country in sorted(tile_countries.items())
    ]
    height, width = (TILE * (max(numbers.values(), default=-1) + 1) for numbers in (row_of, column_of))
    return NetworkMap(width, height, tiles)


def _without_gaps(places: Collection[int]) -> dict[int, int]:
    """New places for rows or columns: of those between that are empty, one is left."""
    new_places: dict[int, int] = {}
    before = None
    for place in sorted(places):
        new_places[place] = 0 if before is None else new_places[before] + min(2, place - before)
        before = place
    return new_places


def _nearest_free(home: Cell, occupied: Collection[Cell]) -> Cell:
    """The nearest free cell, rather beside than above or below; within the columns."""
    reach = len(occupied) + 1
    shifts = product(range(-reach, reach + 1), range(-COLUMNS, COLUMNS + 1))
    ordered = sorted(shifts, key=lambda shift: (1.5 * abs(shift[0]) + abs(shift[1]), shift))
    cells = ((home[0] + down, home[1] + right) for down, right in ordered)
    return next(cell for cell in cells if 0 <= cell[1] < COLUMNS and cell not in occupied)


def _level_of(number: int | None) -> int:
    return 0 if number is None else sum(number >= level for level in LEVELS)
