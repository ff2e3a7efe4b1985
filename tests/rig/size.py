"""`make size`: how large the project is. `portal_site/tests/test_size.py` holds the budgets.

Product is Python outside tests and migrations; docstrings and comments count, because they are read too. Words are
those of Markdown outside code blocks. Tables and routes are the project's own, of both surfaces together.
"""

import os
import re
import subprocess
from collections import Counter
from pathlib import Path, PurePath

from portal_site.environment import PROJECT, complete_environment

CODE_BLOCK = re.compile(r"```.*?```", re.DOTALL)
# Product is also printed by app; these apps hold several rooms.
APPS_WITH_ROOMS = ("analysts", "countries")


def list_files(folder: Path = PROJECT) -> list[PurePath]:
    """The files under version control, relative to the folder."""
    names = subprocess.run(["git", "ls-files"], cwd=folder, capture_output=True, text=True, check=True).stdout
    return [PurePath(name) for name in names.splitlines() if (folder / name).exists()]


def kind_of(path: PurePath) -> str:
    """The measure that the lines of this file count for; "" for none."""
    if path.suffix == ".po":
        return "catalogue lines"
    if path.suffix != ".py":
        return ""
    if "migrations" in path.parts:
        return "migration lines"
    if "tests" in path.parts or path.name == "conftest.py":
        return "test lines"
    return "product lines"


def is_product(path: PurePath) -> bool:
    return kind_of(path) == "product lines"


def measure_files(folder: Path = PROJECT) -> tuple[Counter[str], Counter[str]]:
    """Lines and words by measure, and lines of product by app or room."""
    measures: Counter[str] = Counter()
    rooms: Counter[str] = Counter()
    for path in list_files(folder):
        if path.suffix not in (".py", ".po", ".md"):
            continue
        text = (folder / path).read_text()
        if path.suffix == ".md":
            measures["words of documents"] += len(CODE_BLOCK.sub(" ", text).split())
            continue
        measure, lines = kind_of(path), text.count("\n")
        measures[measure] += lines
        if measure == "product lines":
            in_room = path.parts[0] in APPS_WITH_ROOMS and len(path.parts) > 2
            rooms["/".join(path.parts[:2]) if in_room else path.parts[0]] += lines
    return measures, rooms


def measure_site() -> Counter[str]:
    """Tables and routes; needs Django to be set up for both surfaces."""
    from django.apps import apps  # noqa: PLC0415 - the rest of this module needs no Django

    from tests.rig.python_files import APPS  # noqa: PLC0415 - the same
    from tests.rig.routes import walk_routes  # noqa: PLC0415 - the same

    own = [model for model in apps.get_models(include_auto_created=True) if model._meta.app_label in APPS]
    return Counter({"tables": len({model._meta.db_table for model in own}), "routes": len(list(walk_routes()))})


def main() -> None:
    import django  # noqa: PLC0415 - reading files needs no Django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal_site.settings")
    complete_environment(server=False)
    django.setup()
    measures, rooms = measure_files()
    for measure, number in sorted((measures + measure_site()).items()):
        print(f"{measure:<20} {number:>7,}")
    print("\nproduct lines by app or room")
    for room, number in rooms.most_common():
        print(f"  {room:<24} {number:>7,}")


if __name__ == "__main__":
    main()
