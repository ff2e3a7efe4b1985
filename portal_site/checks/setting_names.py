"""Names of settings that nothing reads: a misspelt one leaves its setting at the default, and no process says so."""

import ast
import os
from collections.abc import Iterable, Iterator
from functools import cache

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register

# Read by gunicorn, its configuration and Python's TLS.
OF_PROCESSES = ("WEB_CONCURRENCY", "GUNICORN_CMD_ARGS", "SSL_CERT_FILE", "DJANGO_SETTINGS_MODULE")
# Read by the scripts in deploy/ from the settings files.
OF_SCRIPTS = (
    *("BACKUP_DATABASE_TO", "BACKUP_DATABASE_RECIPIENTS", "BACKUP_DAYS", "BACKUP_KEYRING_TO"),
    *("BACKUP_KEYRING_RECIPIENTS", "HOST_DATABASE", "HOST_DISKS", "HOST_CERTIFICATES", "HOST_BACKUPS"),
    *("HOST_REHEARSED", "HOST_UNITS", "HOST_SURFACES", "HOST_TIMERS", "HOST_RELEASES", "MIRROR_TO"),
    "OPERATIONS_EMAILS",
)
# A name of the operating system, though within MOST_EDITS of DEMO.
OF_SYSTEM = ("TEMP",)
MOST_EDITS = 2


@register(Tags.security, deploy=True)
def check_names(app_configs: object, **kwargs: object) -> Iterator[CheckMessage]:
    # An installation may read more in settings of its own.
    known = read_known_names() | settings.SETTINGS_IN_FORCE.keys()
    in_files = set(settings.NAMES_IN_FILES)
    for name in sorted(in_files - known):
        yield Error(
            f"{name} in the settings files is no setting{_suggest(name, known)}.",
            hint="Correct or remove its line: nothing reads it. portal_site/settings.py describes every setting.",
            id="portal_site.E100",
        )
    for name in sorted(os.environ.keys() - known - in_files - {*OF_SYSTEM}):
        if nearest := find_nearest(name, known):
            yield Error(
                f"{name} in the environment is no setting, but nearly {nearest}.",
                hint="Correct or remove it: nothing reads it.",
                id="portal_site.E101",
            )


@register(Tags.security, deploy=True)
def check_processes(app_configs: object, **kwargs: object) -> Iterator[CheckMessage]:
    """A value that was changed in a file is in force only once its process was started again."""
    for unit, _, names in (entry.partition(":") for entry in settings.OUTDATED_PROCESSES):
        yield Error(
            f"{unit} runs with older values than its files have: {names.replace(',', ', ')}.",
            hint=f"systemctl restart {unit}",
            id="portal_site.E102",
        )


@cache
def read_known_names() -> frozenset[str]:
    """Every name that any process of an installation reads, in the environment or as `NAME_FILE`."""
    tree = ast.parse((settings.BASE_DIR / "portal_site" / "settings.py").read_bytes())
    names = {name for node in ast.walk(tree) if isinstance(node, ast.Call) for name in _names_read_by(node)}
    return frozenset({*names, *(f"{name}_FILE" for name in names), *OF_PROCESSES, *OF_SCRIPTS})


def find_nearest(name: str, names: Iterable[str]) -> str:
    """The name within MOST_EDITS of this one, in any case of letters; "" without one."""
    upper = name.upper()
    near = [(count_edits(upper, other), other) for other in names if abs(len(other) - len(name)) <= MOST_EDITS]
    edits, nearest = min(near, default=(MOST_EDITS + 1, ""))
    return nearest if edits <= MOST_EDITS else ""


def count_edits(one: str, other: str) -> int:
    """Letters to insert, delete or replace until the two are equal."""
    row = list(range(len(other) + 1))
    for number, letter in enumerate(one, start=1):
        before, row[0] = row[0], number
        for place, opposite in enumerate(other, start=1):
            before, row[place] = row[place], min(row[place] + 1, row[place - 1] + 1, before + (letter != opposite))
    return row[-1]


def _names_read_by(call: ast.Call) -> Iterator[str]:
    """The names that a call in settings.py reads, as in `env.str("NAME")` or `read_bounded_int("NAME")`."""
    is_reader = isinstance(call.func, ast.Attribute) and ast.unparse(call.func.value) == "env"
    if is_reader or ast.unparse(call.func) in ("one_of", "read_bounded_int"):
        yield from (str(node.value) for node in call.args[:1] if isinstance(node, ast.Constant))


def _suggest(name: str, known: Iterable[str]) -> str:
    nearest = find_nearest(name, known)
    return f"; perhaps {nearest} is meant" if nearest else ""
