"""The public surface's own routes: to be called in a process of that surface."""

from countries.public.help.situations import Situation
from tests.rig.routes import fill_known_route, walk_routes

YEAR = "2020"
# Beside what the installation has, a picture that no portal shows and a made-up secret.
OBJECTS = {
    "year": YEAR,
    "situation": Situation.THREATS.value,
    "digest": "x",
    "ending": "x",
    "secret": "x",
}


def paths(slug: str, language: str) -> list[list[str]]:
    """(route, path) of each, for this portal. Raises LookupError where a path lacks its object."""
    objects = {**OBJECTS, "slug": slug, "language": language}
    return [[route, fill_known_route(route, pattern, objects)] for route, pattern in walk_routes()]
