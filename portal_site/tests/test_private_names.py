"""The product uses the public names of libraries: every private one has a row, with its reason and its end."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.rig.python_files import APPS, ROOT, name_of, python_files

PRODUCT = (*APPS, "deploy", "supply", "workstation")
# Documented although they begin with an underscore.
PUBLIC = {"_", "_meta", "_default_manager", "_base_manager", "_replace", "_asdict", "_fields", "_make", "_value_"}

ALLAUTH = "the library has no public name for it; until it has one"
# File, name: why, and until when.
MAY_USE = {
    ("analysts/accounts/middleware.py", "allauth.account.internal.flows.reauthentication.STATE_SESSION_KEY"): ALLAUTH,
    ("analysts/accounts/read_only.py", "allauth.account.internal.flows.reauthentication.STATE_SESSION_KEY"): ALLAUTH,
    ("analysts/accounts/recent_sign_in.py", "allauth.account.internal.flows.login.get_authentication_records"): ALLAUTH,
    (
        "analysts/accounts/recent_sign_in.py",
        "allauth.account.internal.flows.reauthentication.STATE_SESSION_KEY",
    ): ALLAUTH,
    ("analysts/accounts/recent_sign_in.py", "allauth.core.internal.httpkit.serialize_request"): ALLAUTH,
    (
        "analysts/accounts/sign_in/views.py",
        "_has_been_logged",
    ): "Django logs each 503 otherwise; until a response can say that it is no error",
    (
        "portal_site/preview/samples.py",
        "_body",
    ): "a sample is sent as a form that nobody posted; until its views take the fields",
}


def is_private(name: str) -> bool:
    """Whether a part of a dotted name is private: `_x`, but not `__x__`, or a package named `internal`."""
    is_special = name.startswith("__") and name.endswith("__")
    return name == "internal" or (name.startswith("_") and not is_special and name not in PUBLIC)


def defined_names(tree: ast.Module) -> Iterator[str]:
    """Functions, classes, variables, and attributes of `self` and `cls`."""
    for node in ast.walk(tree):
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                yield node.name
            case ast.Name(id=name, ctx=ast.Store()):
                yield name
            case ast.Attribute(value=ast.Name(id="self" | "cls"), attr=name, ctx=ast.Store()):
                yield name


def private_names(tree: ast.Module, defined: set[str]) -> Iterator[str]:
    """Private names that are imported from a library, and private attributes that the product does not define."""
    for node in ast.walk(tree):
        match node:
            case ast.Import():
                imports = [alias.name for alias in node.names]
            case ast.ImportFrom(module=str(module)):
                imports = [f"{module}.{alias.name}" for alias in node.names]
            case ast.Attribute(attr=name) if is_private(name) and name not in defined and name != "internal":
                yield name
                continue
            case _:
                continue
        for name in imports:
            package, *parts = name.split(".")
            if package not in (*PRODUCT, "tests") and any(map(is_private, (package, *parts))):
                yield name


def parse_product() -> dict[Path, ast.Module]:
    paths = [*python_files(*PRODUCT), ROOT / "manage.py"]
    return {path: ast.parse(path.read_text(encoding="utf-8")) for path in paths}


def test_private_names_of_libraries_have_a_reason() -> None:
    trees = parse_product()
    defined = {name for tree in trees.values() for name in defined_names(tree)}
    uses = {(name_of(path), name) for path, tree in trees.items() for name in private_names(tree, defined)}
    assert uses - MAY_USE.keys() == set()
    assert MAY_USE.keys() - uses == set()


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("from allauth.account.internal import flows", ["allauth.account.internal.flows"]),
        ("import _thread", ["_thread"]),
        ("request._body = b''", ["_body"]),
        ("self._db", ["_db"]),
        ("super()._run()", ["_run"]),
        ("from analysts.models import _queue", []),
        ("from __future__ import annotations", []),
        ("model._meta.fields, row._replace(a=1), self.__class__, self._own", []),
    ],
)
def test_private_names_are_found(text: str, names: list[str]) -> None:
    assert list(private_names(ast.parse(text), {"_own"})) == names
