"""Calls functions of `tests.proofs.inside` by `manage.py`, in a process of the product."""

import json
from collections.abc import Mapping
from typing import Any

from portal_site.database import roles
from tests.proofs.stack import Stack


def call_inside(
    stack: Stack,
    function: str,
    *arguments: object,
    role: str = roles.STAFF,
    environment: Mapping[str, str] | None = None,
    seconds: int = 180,
) -> Any:
    """The result of `tests.proofs.inside.<function>` (`module.name`) for these arguments, passed as JSON.

    Raises RuntimeError with the output of the process where it fails.
    """
    module, name = function.split(".")
    code = (
        f"import json; from tests.proofs.inside import {module};"
        f"print(json.dumps({module}.{name}(*json.loads({json.dumps(arguments)!r}))))"
    )
    printed = stack.manage(
        "shell", "--no-imports", "--command", code, role=role, environment=environment, seconds=seconds
    )
    return json.loads(printed.splitlines()[-1])
