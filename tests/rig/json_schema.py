"""Differences of a JSON document from its schema: the few keywords that the project's schemas use."""

import re
from collections.abc import Callable, Iterator, Mapping

TYPES: Mapping[str, Callable[[object], bool]] = {
    "object": lambda value: isinstance(value, dict),
    "array": lambda value: isinstance(value, list),
    "string": lambda value: isinstance(value, str),
    "integer": lambda value: isinstance(value, int) and not isinstance(value, bool),
    "boolean": lambda value: isinstance(value, bool),
    "null": lambda value: value is None,
}
KNOWN = {
    *("$schema", "$defs", "$ref", "title", "description", "type", "format", "pattern", "minimum", "maximum"),
    *("multipleOf", "minItems", "maxItems", "items", "required", "properties", "additionalProperties"),
}


def find_schema_faults(
    value: object, schema: Mapping[str, object], root: Mapping[str, object], at: str = ""
) -> Iterator[str]:
    """Paths and keywords that do not agree. Raises ValueError for a keyword that this does not know."""
    if unknown := schema.keys() - KNOWN:
        raise ValueError(f"Unknown keywords: {sorted(unknown)}")
    if isinstance(reference := schema.get("$ref"), str):
        yield from find_schema_faults(value, _follow(reference, root), root, at)
    types = schema.get("type")
    allowed = types if isinstance(types, list) else [types] if types else [*TYPES]
    if not any(TYPES[str(name)](value) for name in allowed):
        yield f"{at}: type"
        return
    if isinstance(value, int) and not isinstance(value, bool):
        yield from _number_faults(value, schema, at)
    elif isinstance(value, str) and isinstance(pattern := schema.get("pattern"), str):
        yield from () if re.search(pattern, value) else (f"{at}: pattern",)
    elif isinstance(value, list):
        yield from _list_faults(value, schema, root, at)
    elif isinstance(value, dict):
        yield from _object_faults(value, schema, root, at)


def _follow(reference: str, root: Mapping[str, object]) -> Mapping[str, object]:
    """The part of the schema that a reference such as `#/$defs/Item` names."""
    part: object = root
    for name in reference.removeprefix("#/").split("/"):
        part = part[name] if isinstance(part, dict) else None
    return _as_schema(part)


def _list_faults(
    items: list[object], schema: Mapping[str, object], root: Mapping[str, object], at: str
) -> Iterator[str]:
    least, most = schema.get("minItems", 0), schema.get("maxItems", len(items))
    if not (isinstance(least, int) and isinstance(most, int) and least <= len(items) <= most):
        yield f"{at}: items"
    for number, item in enumerate(items):
        yield from find_schema_faults(item, _as_schema(schema.get("items", {})), root, f"{at}/{number}")


def _as_schema(found: object) -> Mapping[str, object]:
    if not isinstance(found, dict):
        raise TypeError("No schema")
    return found


def _number_faults(value: int, schema: Mapping[str, object], at: str) -> Iterator[str]:
    least, most, step = schema.get("minimum"), schema.get("maximum"), schema.get("multipleOf")
    if isinstance(least, int) and value < least:
        yield f"{at}: minimum"
    if isinstance(most, int) and value > most:
        yield f"{at}: maximum"
    if isinstance(step, int) and value % step:
        yield f"{at}: multipleOf"


def _object_faults(
    value: Mapping[str, object], schema: Mapping[str, object], root: Mapping[str, object], at: str
) -> Iterator[str]:
    required, properties = schema.get("required", []), _as_schema(schema.get("properties", {}))
    if isinstance(required, list):
        yield from (f"{at}/{name}: required" for name in required if name not in value)
    more = schema.get("additionalProperties", {})
    for name, item in value.items():
        inner = properties.get(name, more)
        if inner is False:
            yield f"{at}/{name}: additionalProperties"
        else:
            yield from find_schema_faults(item, _as_schema(inner), root, f"{at}/{name}")
