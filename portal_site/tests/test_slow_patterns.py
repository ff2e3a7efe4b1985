"""No regular expression over what strangers type takes more than linear time."""

import ast
import pkgutil
import re
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from pathlib import Path
from types import ModuleType

import pytest
from django import forms
from django.apps import apps
from django.core.validators import RegexValidator
from django.db.models import Field
from django.urls import URLPattern, URLResolver, get_resolver

from reports import forms as public_forms
from reports import notice_form
from tests.rig.slow_patterns import find_slow_attack

# Modules that run on the public surface or at sign-in, or over what arrived there.
PACKAGES = ("reports", "countries", "portal_site", "analysts")
READ = re.compile(r"(?:reports|countries|portal_site|analysts\.(?:accounts|incidents|welfare|assessment))\b")
ELSEWHERE = re.compile(r"\.(tests|migrations|staff|management|checks)(\.|$)")
# Read files of the installation or of the source, never what anybody typed; `wsgi` starts the server. Pictures were
# drawn again when they were stored.
OF_FILES = {
    f"portal_site.{name}"
    for name in ("language_checklist", "database.embedded", "database.programs", "settings", "wsgi")
} | {"countries.public.theme", "countries.public.frame_picture"}
# Build patterns from a table of the source, found in its rows, and from escaped words of staff.
BUILT = {"reports.addresses.harmless", "analysts.welfare.masked_words"}
# Matches a pattern at one place, as the pattern's own `match` does.
HELPERS = {"end_of"}
# Django's own, `^r/.+/.+/$`: a path has at most the 4,094 characters that gunicorn reads, where it takes milliseconds.
SHORT_ENOUGH = {"route r/<path:content_type_id>/<path:object_id>/"}
CALLS = {"compile", "match", "search", "fullmatch", "sub", "subn", "split", "findall", "finditer"}

SLOW = (
    # Telephone numbers, as they were searched for until an audit sent 40 kB of them.
    r"(?<![\w+#])\(?\+?\d(?:[ ().\u2010-\u2013/-]{0,3}\d)*+(?!\w)",
    r"\s+$",
    r"(a+)+b",
    r"<.*>",
    # Sign-in tokens, as they were searched for: each "eyJ" of a run began another search to its end.
    r"eyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]*",
)
FAST = (
    r"\S++",
    r"\A[a-z]+\Z",
    r"(?<![\w.])[\w.]++@",
    r"[\w-]{1,63}+(?:\.[\w-]{1,63}+){1,9}+[/?#]",
    r"://|\bwww\.",
)


@pytest.mark.parametrize("written", SLOW)
def test_slow_pattern_is_found(written: str) -> None:
    assert find_slow_attack(re.compile(written)) is not None


@pytest.mark.parametrize("written", FAST)
def test_linear_pattern_passes(written: str) -> None:
    assert find_slow_attack(re.compile(written)) is None


def test_patterns_over_what_strangers_type_are_linear() -> None:
    found = _all_patterns()
    assert len(found) > 80
    searched = _searched_names()
    slow = {
        name: attack
        for name, pattern in found.items()
        if (attack := find_slow_attack(pattern, searched="." not in name or name.rpartition(".")[2] in searched))
    }
    assert slow.keys() - SHORT_ENOUGH == set()


def test_patterns_are_names_of_their_modules() -> None:
    """A pattern that a function compiles, or hands to `re.sub`, would be missed above."""
    found = [place for module in _modules() for place in _patterns_in_functions(module)]
    assert [place for place in found if place.partition(":")[0] not in BUILT] == []


def _all_patterns() -> dict[str, re.Pattern[str]]:
    """Each pattern once, by the first name it has."""
    found: dict[re.Pattern[str], str] = {}
    routes = _patterns_of_routes(get_resolver("portal_site.urls_all"))
    for name, pattern in (*_patterns_of_modules(), *_patterns_of_fields(), *routes):
        found.setdefault(pattern, name)
    return {name: pattern for pattern, name in found.items()}


def _searched_names() -> set[str]:
    """Names of patterns that are used for anything else than `match` and `fullmatch`."""
    found: set[str] = set()
    for module in _modules():
        tree = ast.parse(Path(str(module.__file__)).read_text(encoding="utf-8"))
        matched: set[ast.expr] = set()
        for node in ast.walk(tree):
            match node:
                case ast.Attribute(value=ast.Name() as name, attr="match" | "fullmatch"):
                    matched.add(name)
                case ast.Call(func=ast.Name(id=helper), args=[ast.Name() as name, *_]) if helper in HELPERS:
                    matched.add(name)
        names = [node for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)]
        found |= {name.id for name in names if name not in matched}
    return found


@cache
def _modules() -> tuple[ModuleType, ...]:
    names = [
        info.name
        for package in PACKAGES
        for info in pkgutil.walk_packages(import_module(package).__path__, f"{package}.")
    ]
    read = [name for name in names if READ.match(name) and not ELSEWHERE.search(name) and name not in OF_FILES]
    return tuple(import_module(name) for name in read)


def _patterns_of_modules() -> Iterator[tuple[str, re.Pattern[str]]]:
    for module in _modules():
        for name, value in vars(module).items():
            for pattern in _patterns_in(value, 3):
                yield f"{module.__name__}.{name}", pattern


def _patterns_in(value: object, depth: int) -> Iterator[re.Pattern[str]]:
    """Patterns of text in a value: in lists, tables, rows and classes too."""
    if isinstance(value, re.Pattern):
        yield from [value] if isinstance(value.pattern, str) else []
        return
    inside: tuple[object, ...] = ()
    if isinstance(value, dict):
        inside = tuple(value.values())
    elif isinstance(value, list | tuple | set | frozenset):
        inside = tuple(value)
    elif type(value).__module__.startswith(PACKAGES) and hasattr(value, "__dataclass_fields__"):
        inside = tuple(getattr(value, name, None) for name in value.__dataclass_fields__)
    if depth:
        for each in inside:
            yield from _patterns_in(each, depth - 1)


def _patterns_of_fields() -> Iterator[tuple[str, re.Pattern[str]]]:
    """Patterns of the validators of all form fields of the public surface, and of all model fields."""
    kinds = [
        each
        for each in (vars(public_forms) | vars(notice_form)).values()
        if isinstance(each, type) and issubclass(each, forms.BaseForm)
    ]
    fields: list[tuple[str, forms.Field | Field[object, object]]] = [
        (f"{kind.__name__}.{name}", field) for kind in kinds for name, field in getattr(kind, "base_fields", {}).items()
    ]
    fields += [
        (f"{model.__name__}.{field.name}", field)
        for model in apps.get_models()
        if model.__module__.startswith(PACKAGES)
        for field in model._meta.concrete_fields
    ]
    for name, field in fields:
        for validator in field.validators:
            if isinstance(validator, RegexValidator):
                yield name, re.compile(validator.regex)


def _patterns_of_routes(resolver: URLResolver) -> Iterator[tuple[str, re.Pattern[str]]]:
    for each in resolver.url_patterns:
        yield f"route {each.pattern}", each.pattern.regex
        if isinstance(each, URLResolver):
            yield from _patterns_of_routes(each)
        else:
            assert isinstance(each, URLPattern)


def _patterns_in_functions(module: ModuleType) -> Iterator[str]:
    path = Path(str(module.__file__))
    for outer in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not isinstance(outer, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            continue
        for node in ast.walk(outer):
            match node:
                case ast.Call(func=ast.Attribute(value=ast.Name(id="re"), attr=name)) if name in CALLS:
                    yield f"{module.__name__}:{node.lineno}"
