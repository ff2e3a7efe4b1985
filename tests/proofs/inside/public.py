"""The public surface's own routes: to be called in a process of that surface."""

from tests.rig.routes import fill_route, walk_routes


def paths(slug: str, language: str) -> list[list[str]]:
    """(route, path) of each, for this portal."""
    return [
        [route, fill_route(route, pattern, {"slug": slug, "language": language})] for route, pattern in walk_routes()
    ]
