"""Finds every verb and job in the source, so that none can be added without the model."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
APPS = ("audit", "countries", "reports", "analysts")


def find_verbs() -> set[str]:
    """Public functions with a keyword `by`, the person who acts, by their full name."""
    return {
        f"{module}.{function.name}"
        for module, function in _functions()
        if not function.name.startswith("_") and any(each.arg == "by" for each in function.args.kwonlyargs)
    }


def find_jobs() -> set[str]:
    """The functions that the worker runs."""
    return {
        function.name
        for module, function in _functions()
        if module == "analysts.pages.tasks"
        and any(ast.unparse(decorator).startswith(("app.task(", "every(")) for decorator in function.decorator_list)
    }


@cache
def _functions() -> list[tuple[str, ast.FunctionDef]]:
    return list(_read_functions())


def _read_functions() -> Iterator[tuple[str, ast.FunctionDef]]:
    for app in APPS:
        for path in sorted((ROOT / app).rglob("*.py")):
            parts = path.relative_to(ROOT).with_suffix("").parts
            if {"tests", "migrations"} & set(parts):
                continue
            for node in ast.parse(path.read_text(encoding="utf-8")).body:
                if isinstance(node, ast.FunctionDef):
                    yield ".".join(parts), node
