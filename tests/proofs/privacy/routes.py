"""Every path of a surface, from its own resolver: `print_routes` in that surface's environment prints them as JSON.
A route built later is on the list the day it lands.
"""

import json
import re
from dataclasses import dataclass
from functools import partial

from django.apps import apps
from django.urls import URLPattern, URLResolver, get_resolver

from tests.proofs.stack import Stack
from tests.rig.manage import run_manage

# Values for path parameters that no row provides.
EXAMPLES = {"slug": "bz", "language": "en", "content_type_id": "1", "app_label": "countries"}
NO_ROW = "00000000-0000-4000-8000-000000000000"


@dataclass(frozen=True, slots=True)
class RoutePath:
    """A path with existing values in it, and the same with `{}` for each value."""

    path: str
    pattern: str


def discover_routes(stack: Stack, surface: str) -> list[RoutePath]:
    """Raises RuntimeError where the surface cannot be asked."""
    ask = "from tests.proofs.privacy.routes import print_routes; print_routes()"
    done = run_manage(
        *("shell", "--verbosity", "0", "--command", ask),
        environment=stack.environment_of(surface),
        folder=stack.folder,
    )
    if done.returncode != 0:
        raise RuntimeError(f"The routes of the {surface} surface: {done.stderr}")
    return [RoutePath(*each) for each in json.loads(done.stdout)]


PARAMETER = re.compile(r"<(?:\w+:)?(\w+)>")


def _walk_patterns(patterns: list[URLPattern | URLResolver], before: str = "") -> list[tuple[str, str]]:
    """(pattern, name of the route)."""
    found = []
    for each in patterns:
        route = before + str(each.pattern).removeprefix("^").removesuffix("$")
        if isinstance(each, URLResolver):
            found += _walk_patterns(each.url_patterns, route)
        else:
            found.append((route, each.name or ""))
    return found


def _parameter_value(name: str, found: re.Match[str]) -> str:
    """A value that exists: the example, or the id of a row of the model that parameter or route names."""
    parameter = found[1]
    if parameter in EXAMPLES:
        return EXAMPLES[parameter]
    models = {model._meta.model_name: model for model in apps.get_models()}
    wanted = [parameter.removesuffix("_id"), *name.split("_")]
    model = next((models[word] for word in wanted if word in models), None)
    row = model._default_manager.values_list("pk", flat=True).first() if model else None
    return str(row or NO_ROW)


def print_routes() -> None:
    """Print the paths; runs in the surface's own process, which has its settings."""
    routes = []
    for route, name in _walk_patterns(get_resolver().url_patterns):
        # Regular expressions (the admin's last resort) stand for any path.
        plain = route if not re.search(r"[\\^?*(]", route.replace("<", "").replace(">", "")) else "nowhere/at/all"
        path = PARAMETER.sub(partial(_parameter_value, name), plain)
        routes.append(("/" + path, "/" + PARAMETER.sub("{}", plain)))
    print(json.dumps(sorted(set(routes))))
