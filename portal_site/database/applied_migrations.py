"""Whether the database has the tables of this release: its recorded migrations against those of the code.

`migrate --check` only finds migrations that are missing. A release that runs with the tables of a newer one stores
reports that its intake may never read, so going back needs the other half of the comparison.
"""

from dataclasses import dataclass

from django.db import connection
from django.db.migrations.loader import MigrationLoader

# The last release before migrations were squashed: its tables, and those of later ones, can be upgraded.
UPGRADES_FROM = "0.2.0"
TOO_OLD = f"The tables are of a release before {UPGRADES_FROM}. Upgrade to {UPGRADES_FROM} first."


@dataclass(frozen=True, slots=True)
class MigrationDifference:
    """Migrations as `app.name`. `back_to`: for each app of an unknown one, the newest migration of this release."""

    # Recorded in the database, but not in this release.
    unknown: tuple[str, ...]
    # In this release, but not recorded.
    missing: tuple[str, ...]
    back_to: dict[str, str]
    is_too_old: bool


def migrations_of_release(loader: MigrationLoader) -> set[tuple[str, str]]:
    """The migrations of the code, and those that they replace: a database may have a record of either."""
    return set(loader.disk_migrations).union(*(migration.replaces for migration in loader.disk_migrations.values()))


def find_unknown(loader: MigrationLoader) -> list[tuple[str, str]]:
    """The applied migrations that this release has not, sorted."""
    return sorted(loader.applied_migrations.keys() - migrations_of_release(loader))


def are_tables_too_old(loader: MigrationLoader) -> bool:
    """Whether only some of the migrations were applied that one of this release replaces, and they are no longer here.

    The graph lacks such a migration, so that `migrate` finds nothing to do.
    """
    disk = loader.disk_migrations
    lacking = [disk[key] for key in disk.keys() - loader.graph.nodes.keys()]
    return any(migration.replaces and disk.keys().isdisjoint(migration.replaces) for migration in lacking)


def compare_migrations() -> MigrationDifference:
    """The difference between the default database and this release. Raises DatabaseError."""
    loader = MigrationLoader(connection)
    unknown = find_unknown(loader)
    # Not those of the graph, which lacks some where the tables are too old.
    missing = sorted(set(loader.disk_migrations) - set(loader.applied_migrations))
    back_to = {}
    for app in dict.fromkeys(app for app, _name in unknown):
        leaves = [name for leaf_app, name in loader.graph.leaf_nodes() if leaf_app == app]
        back_to[app] = leaves[0] if leaves else "zero"
    return MigrationDifference(
        tuple(f"{app}.{name}" for app, name in unknown),
        tuple(f"{app}.{name}" for app, name in missing),
        back_to,
        are_tables_too_old(loader),
    )
