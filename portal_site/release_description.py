"""The migrations and jobs of a release, with which a newer one compares itself before an upgrade and a way back."""

import json
from dataclasses import asdict, dataclass

from django.db.migrations.loader import MigrationLoader
from procrastinate.contrib.django import app as worker

from portal_site.database.applied_migrations import migrations_of_release


@dataclass(frozen=True, slots=True)
class ReleaseDescription:
    """Migrations as `app.name`, jobs by the name of their task."""

    migrations: frozenset[str]
    tasks: frozenset[str]

    def write(self) -> str:
        return json.dumps({name: sorted(values) for name, values in asdict(self).items()})


def describe_release() -> ReleaseDescription:
    """This release, from its code alone."""
    migrations = migrations_of_release(MigrationLoader(None))
    worker.perform_import_paths()  # type: ignore[no-untyped-call]
    return ReleaseDescription(frozenset(f"{app}.{name}" for app, name in migrations), frozenset(worker.tasks))


def parse_description(read: object) -> ReleaseDescription:
    """Raises ValueError."""
    match read:
        case {"migrations": list(migrations), "tasks": list(tasks)}:
            return ReleaseDescription(frozenset(map(str, migrations)), frozenset(map(str, tasks)))
        case _:
            raise ValueError("No description of a release.")
