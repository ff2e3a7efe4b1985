"""The public surface's own routes: to be asked of a process of that surface."""

from tests.rig.routes import filled, routes


def paths(slug: str, language: str) -> list[list[str]]:
    """(route, path) of each, about this portal."""
    return [[route, filled(route, pattern, {"slug": slug, "language": language})] for route, pattern in routes()]
