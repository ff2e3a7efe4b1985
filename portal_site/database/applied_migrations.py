"""Whether the database has the tables of this release: its recorded migrations against those of the code.

`migrate --check` only finds migrations that are missing. A release that runs with the tables of a newer one stores
reports that its intake may never read, so going back needs the other half of the comparison.
"""

from dataclasses import dataclass

from django.db import connection
from django.db.migrations.loader import MigrationLoader


@dataclass(frozen=True, slots=True)
class MigrationDifference:
    """Migrations as `app.name`. `back_to`: for each app of an unknown one, the newest migration of this release."""

    # Recorded in the database, but not in this release.
    unknown: tuple[str, ...]
    # In this release, but not recorded.
    missing: tuple[str, ...]
    back_to: dict[str, str]


def migrations_of_release(loader: MigrationLoader) -> set[tuple[str, str]]:
    """The migrations of the code, and those that they replace: a database may have a record of either."""
    return set(loader.disk_migrations).union(*(migration.replaces for migration in loader.disk_migrations.values()))


def compare_migrations() -> MigrationDifference:
    """The difference between the default database and this release. Raises DatabaseError."""
    loader = MigrationLoader(connection)
    unknown = sorted(set(loader.applied_migrations) - migrations_of_release(loader))
    # Not those of the graph: it lacks a migration where only some of those that it replaces were applied.
    missing = sorted(set(loader.disk_migrations) - set(loader.applied_migrations))
    back_to = {}
    for app in dict.fromkeys(app for app, _name in unknown):
        leaves = [name for leaf_app, name in loader.graph.leaf_nodes() if leaf_app == app]
        back_to[app] = leaves[0] if leaves else "zero"
    return MigrationDifference(
        tuple(f"{app}.{name}" for app, name in unknown), tuple(f"{app}.{name}" for app, name in missing), back_to
    )
