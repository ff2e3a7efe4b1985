"""Migrations that the release before does not know: their order, the models on either side, undoing them."""

from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.state import ProjectState

from portal_site.release_description import ReleaseDescription

type MigrationKey = tuple[str, str]


def find_new_migrations(loader: MigrationLoader, before: ReleaseDescription) -> list[MigrationKey]:
    """Migrations of this release that the other does not know, in the order of applying."""
    return [key for key in _plan_all(loader) if ".".join(key) not in before.migrations]


def _plan_all(loader: MigrationLoader) -> list[MigrationKey]:
    """All migrations in the order of applying."""
    return [*dict.fromkeys(key for leaf in loader.graph.leaf_nodes() for key in loader.graph.forwards_plan(leaf))]


def _newest_known(loader: MigrationLoader, before: ReleaseDescription, app: str) -> str | None:
    leaf = next(key for key in loader.graph.leaf_nodes() if key[0] == app)
    keys = [key for key in loader.graph.forwards_plan(leaf) if key[0] == app and ".".join(key) in before.migrations]
    return keys[-1][1] if keys else None


def make_states(loader: MigrationLoader, before: ReleaseDescription) -> tuple[ProjectState, ProjectState]:
    """The models of the release before, and of this one."""
    nodes = []
    for app, leaf in loader.graph.leaf_nodes():
        if f"{app}.{leaf}" in before.migrations:
            nodes.append((app, leaf))
        elif newest := _newest_known(loader, before, app):
            nodes.append((app, newest))
    return loader.project_state(nodes), loader.project_state()


def undo_migrations(executor: MigrationExecutor, new: list[MigrationKey]) -> None:
    """Undo those that are applied, the newest first. Requests wait meanwhile: `migrate` itself would build the classes
    of all models for each earlier migration, three quarters of the time."""
    loader, states = executor.loader, dict[MigrationKey, ProjectState]()
    state = ProjectState(real_apps=loader.unmigrated_apps)
    for key in _plan_all(loader):
        if key in new:
            states[key] = state.clone()
        loader.graph.nodes[key].mutate_state(state, preserve=False)
    for key in reversed(new):
        if key in loader.applied_migrations:
            executor.unapply_migration(states[key], loader.graph.nodes[key])
