"""The fields of what operators edit are listed in one table for each model; other code reads the table."""

import ast
from collections.abc import Iterator

from django.db.models import Model

from countries.models import Contact, HelpService, Language, Partner, Portal, PortalText
from tests.rig.python_files import APPS, name_of, python_files

MODELS: tuple[type[Model], ...] = (Portal, PortalText, Contact, Partner, HelpService, Language)
# So many names of one model's fields in one literal are a list of its fields.
LEAST_NAMES = 4

TABLES = {
    "countries/staff/document/portal_document.py",
    "countries/staff/translation/opened_languages.py",
}
# By file, and the names in the order in which they stand there.
OTHER_LISTS = {
    ("countries/models/contact.py", "kind name phone website"): "what a verification covers",
    ("countries/models/help_service.py", "kind name phone website countries min_age max_age languages"): (
        "what a verification covers"
    ),
    ("countries/public/standard_texts.py", "title welcome about suspended_message closed_message"): "values of one row",
    ("countries/staff/translation/language_admin.py", "tag name english_name direction is_open shows_words"): (
        "the columns of the admin's list, which are chosen"
    ),
    ("countries/staff/translation/language_field.py", "tag name english_name direction plural_rule digits"): (
        "values of one row"
    ),
    ("countries/staff/workspace/actions.py", "kind name phone source position texts"): "values of one row",
    ("countries/staff/workspace/country_facts.py", "slug name country region"): "values of one row",
    (
        "countries/staff/workspace/lifecycle.py",
        "state emergency_suspended opens_on opening_missed_on launched_on launch_source",
    ): "what an action saves, most of which operators cannot edit",
    ("countries/staff/workspace/starting.py", "kind name phone source"): "values of one row",
}


def literal_names(tree: ast.Module) -> Iterator[list[str]]:
    """The strings of each tuple, list and set of strings, and the keys of each dictionary with such keys."""
    for node in ast.walk(tree):
        match node:
            case ast.Tuple(elts=parts) | ast.List(elts=parts) | ast.Set(elts=parts):
                pass
            case ast.Dict(keys=keys):
                parts = [key for key in keys if key is not None]
            case _:
                continue
        names = [part.value for part in parts if isinstance(part, ast.Constant) and isinstance(part.value, str)]
        if len(names) == len(parts):
            yield names


def lists_of_fields(source: str) -> list[str]:
    fields = [{field.name for field in model._meta.get_fields()} for model in MODELS]
    return [
        " ".join(names)
        for names in literal_names(ast.parse(source))
        if len(names) >= LEAST_NAMES and any(set(names) <= of_model for of_model in fields)
    ]


def test_fields_are_listed_in_one_table_only() -> None:
    lists = {
        (name_of(path), names)
        for path in python_files(*APPS)
        if name_of(path) not in TABLES and path.parent.name != "migrations"
        for names in lists_of_fields(path.read_text(encoding="utf-8"))
    }

    assert lists == set(OTHER_LISTS)


def test_second_list_of_fields_is_seen() -> None:
    second = 'STEPS = {"name": 1, "slug": 1, "region": 2, "leave_to": 3}'

    assert lists_of_fields(second) == ["name slug region leave_to"]
    assert lists_of_fields('NAMES = ("name", "slug", "region", "no field")') == []
