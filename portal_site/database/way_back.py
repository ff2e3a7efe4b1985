"""The way back to a release before: whether one exists, what it would lose, and taking it.

The database stays in place, so that everything stored since is kept: reports, replies, keys, the audit log. Only what
the older release does not know can be lost: rows of tables and values of columns that go away with their migration,
values that the older release does not know, and jobs of a new kind. They are counted, and where there are any the way
back is refused. Migrations are undone in one transaction.

Columns that a migration fills from other tables are no loss, nor are values that its reverse removes: they come again;
it names them: `computed = ("analysts_queuehead", "table.column")`. It also names columns that it removes and its
reverse fills: `refilled`. Values that the release before neither reads nor misses stay: `AddLastingField`,
`CreateLastingModel`.
The reverse of a RunSQL or RunPython operation must lose nothing: nothing here can look into it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from django.db import connection, models, transaction
from django.db.migrations import Migration, operations
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import StateApps
from procrastinate.contrib.django import app as worker

from audit.lasting_tables import CreateLastingModel
from countries.lasting_columns import AddLastingField
from portal_site.database.applied_migrations import TOO_OLD, are_tables_too_old, find_unknown
from portal_site.database.new_migrations import find_new_migrations, make_states, undo_migrations
from portal_site.release_description import ReleaseDescription

LOCK_SECONDS = 5


class NoWayBack(Exception):
    """One of two releases cannot take over from the other; each argument is a reason."""


@dataclass(frozen=True, slots=True)
class GoingPart:
    """A table or column that goes away on the way back. `condition`: SQL for the rows that count, with its values."""

    table: str
    column: str = ""
    condition: str = "TRUE"
    values: tuple[str | int | None, ...] = ()

    @property
    def name(self) -> str:
        return f"{self.table}.{self.column}" if self.column else self.table


@dataclass(frozen=True, slots=True)
class WayBack:
    """`contents`: a digest for each part that goes away, as it is now; `is_beside`: old code bears the new tables."""

    undone: tuple[str, ...]
    obstacles: tuple[str, ...]
    losses: tuple[str, ...]
    contents: dict[str, str]
    is_beside: bool


def find_way_back(before: ReleaseDescription, loaded: Mapping[str, str]) -> WayBack:
    """Compare this release with the one before.

    Args:
        before: the older release, as it describes itself.
        loaded: `contents` as they were right after the upgrade: what the release itself loaded is no loss.

    Raises:
        NoWayBack: this release cannot take over, as the tables of the one before are too old.
        DatabaseError: the database does not answer.
    """
    loader = MigrationLoader(connection)
    if are_tables_too_old(loader):
        raise NoWayBack(TOO_OLD)
    keys = find_new_migrations(loader, before)
    migrations = [loader.disk_migrations[key] for key in keys]
    old, new = make_states(loader, before)
    parts = [part for part in find_going_parts(old.apps, new.apps, migrations) if _exists(part)]
    contents = {part.name: digest_part(part) for part in parts}
    losses = [
        f"{name}: {digest.split()[0]} rows or values, not the same since the upgrade"
        for name, digest in contents.items()
        if digest != loaded.get(name, EMPTY)
    ]
    losses += count_unknown_values(old.apps, new.apps, migrations)
    losses += count_unknown_jobs(before)
    obstacles = [*find_irreversible(migrations), *find_removed(old.apps, new.apps, migrations), *find_foreign(loader)]
    is_beside = all(is_borne_by_old_code(operation) for operation in _all_operations(migrations))
    undone = tuple(f"{app}.{name}" for app, name in reversed(keys))
    return WayBack(undone, tuple(obstacles), tuple(losses), contents, is_beside)


def take_way_back(before: ReleaseDescription, loaded: Mapping[str, str]) -> WayBack:
    """Undo what the older release does not know, in one transaction. Raises NoWayBack, DatabaseError."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(f"SET LOCAL lock_timeout = '{LOCK_SECONDS}s'")
            # Between two statements the models of each migration are built: seconds, and a minute on a busy machine.
            cursor.execute("SET LOCAL idle_in_transaction_session_timeout = 0")
        way = find_way_back(before, loaded)
        executor = MigrationExecutor(connection)
        new = find_new_migrations(executor.loader, before)
        if new and not executor.loader.applied_migrations.keys() & {*new}:
            # An upgrade failed at its first migration: the tables are those of the release before.
            return way
        if way.obstacles or way.losses:
            raise NoWayBack(*way.obstacles, *way.losses)
        delete_unknown_periodic_jobs(before)
        undo_migrations(executor, new)
    return way


# --- Obstacles: known before the upgrade ------------------------------------------------------------------------------


def _all_operations(migrations: list[Migration]) -> Iterator[Operation]:
    for migration in migrations:
        for operation in migration.operations:
            yield from (
                operation.database_operations
                if isinstance(operation, operations.SeparateDatabaseAndState)
                else [operation]
            )


def _field_renames(migrations: list[Migration]) -> list[operations.RenameField]:
    return [operation for operation in _all_operations(migrations) if isinstance(operation, operations.RenameField)]


def find_irreversible(migrations: list[Migration]) -> Iterator[str]:
    for migration in migrations:
        names = [type(operation).__name__ for operation in _all_operations([migration]) if not operation.reversible]
        if names:
            yield f"{migration.app_label}.{migration.name} cannot be undone ({', '.join(names)})"


def find_removed(old: StateApps, new: StateApps, migrations: list[Migration]) -> Iterator[str]:
    """The parts that the upgrade removes: the older release would find them empty, unless a reverse fills them."""
    refilled = find_named(migrations, "refilled")
    renamed = {(rename.model_name_lower, rename.old_name) for rename in _field_renames(migrations)}
    new_models = {model._meta.label_lower: model for model in new.get_models()}
    for model in old.get_models():
        label = model._meta.label_lower
        if label not in new_models:
            yield f"the upgrade removes the table {model._meta.db_table}"
            continue
        names = {field.name for field in new_models[label]._meta.local_fields}
        for field in model._meta.local_fields:
            column = f"{model._meta.db_table}.{field.column}"
            is_renamed = (model._meta.model_name, field.name) in renamed
            if field.name not in names and not is_renamed and column not in refilled:
                yield f"the upgrade removes the column {column}"


def find_foreign(loader: MigrationLoader) -> Iterator[str]:
    """Migrations of a third release: only its own code can undo them."""
    for app, name in find_unknown(loader):
        yield f"{app}.{name} is of a release newer than this one"


def is_borne_by_old_code(operation: Operation) -> bool:
    """Whether the previous release can still read and write while this has been applied."""
    match operation:
        case operations.CreateModel() | operations.AddIndex():
            return True
        case operations.AddField():
            return bool(operation.field.null or operation.field.has_db_default())
        case _:
            return not operation.reduces_to_sql and type(operation).__name__ in {
                "AlterModelOptions",
                "AlterModelManagers",
            }


# --- Losses: counted --------------------------------------------------------------------------------------------------

EMPTY = "0 "


def find_going_parts(old: StateApps, new: StateApps, migrations: list[Migration]) -> Iterator[GoingPart]:
    """Tables and columns that only this release has, besides those that its migrations compute from others, and those
    that stay."""
    computed = find_named(migrations, "computed")
    staying = {(rename.model_name_lower, rename.new_name) for rename in _field_renames(migrations)}
    staying |= {
        (operation.model_name_lower, operation.name)
        for operation in _all_operations(migrations)
        if isinstance(operation, AddLastingField)
    }
    staying_models = {
        operation.name_lower for operation in _all_operations(migrations) if isinstance(operation, CreateLastingModel)
    }
    old_models = {model._meta.label_lower: model for model in old.get_models(include_auto_created=True)}
    for model in new.get_models(include_auto_created=True):
        if not model._meta.managed or model._meta.proxy or model._meta.model_name in staying_models:
            continue
        if (former := old_models.get(model._meta.label_lower)) is None:
            parts = [GoingPart(model._meta.db_table)]
        else:
            names = {field.name for field in former._meta.local_fields}
            parts = [
                _column_part(model, field)
                for field in model._meta.local_fields
                if field.name not in names and (model._meta.model_name, field.name) not in staying
            ]
        yield from (part for part in parts if part.name not in computed)


def find_named(migrations: list[Migration], attribute: str) -> set[str]:
    """The tables and columns that the migrations name in this attribute."""
    return {name for migration in migrations for name in getattr(migration, attribute, ())}


def _column_part(model: type[models.Model], field: "models.Field[object, object]") -> GoingPart:
    """Rows whose value is not the default that the migration gave to all."""
    quoted = connection.ops.quote_name(str(field.column))
    if field.has_default() and not callable(field.default):
        value = field.get_db_prep_save(field.get_default(), connection)
        return GoingPart(model._meta.db_table, str(field.column), f"{quoted} IS DISTINCT FROM %s", (value,))
    condition = f"{quoted} IS NOT NULL" if field.null else "TRUE"
    return GoingPart(model._meta.db_table, str(field.column), condition)


def _exists(part: GoingPart) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT 1 FROM information_schema.columns WHERE table_schema = 'public' AND table_name = %s"
            " AND (%s = '' OR column_name = %s)",
            [part.table, part.column, part.column],
        )
        return cursor.fetchone() is not None


def digest_part(part: GoingPart) -> str:
    """How many rows count, and a digest of them."""
    table = connection.ops.quote_name(part.table)
    value_sql = f"t.{connection.ops.quote_name(part.column)}::text" if part.column else "t::text"
    with connection.cursor() as cursor:
        # Names come from models and are quoted; values travel apart.
        statement = f"SELECT count(*), coalesce(md5(string_agg(md5({value_sql}), '' ORDER BY md5({value_sql}))), '')"
        cursor.execute(f"{statement} FROM {table} t WHERE {part.condition}", list(part.values))
        count, digest = cursor.fetchone()
    return f"{count} {digest}"


def count_unknown_values(old: StateApps, new: StateApps, migrations: list[Migration]) -> Iterator[str]:
    """Rows with a choice that only this release has: a state, a reason, a kind."""
    computed = find_named(migrations, "computed")
    old_models = {model._meta.label_lower: model for model in old.get_models()}
    for model in new.get_models():
        if (former := old_models.get(model._meta.label_lower)) is None or not model._meta.managed:
            continue
        fields = {field.name: field for field in former._meta.local_fields}
        for field in model._meta.local_fields:
            field_now = fields.get(field.name)
            is_computed = f"{model._meta.db_table}.{field.column}" in computed
            if is_computed or field_now is None or not field_now.choices or not field.choices:
                continue
            added = {value for value, _label in field.flatchoices} - {value for value, _label in field_now.flatchoices}
            if number := model._base_manager.filter(**{f"{field.name}__in": sorted(added)}).count() if added else 0:
                yield f"{model._meta.db_table}.{field.column}: {number} rows with {', '.join(map(str, sorted(added)))}"


def count_unknown_jobs(before: ReleaseDescription) -> list[str]:
    """Jobs that wait and that the older worker would not know; periodic ones come again."""
    periodic = _periodic_tasks()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT task_name, count(*) FROM procrastinate_jobs WHERE status IN ('todo', 'doing') GROUP BY 1"
        )
        waiting = dict(cursor.fetchall())
    return [
        f"jobs {name}: {number} that wait"
        for name, number in sorted(waiting.items())
        if name not in before.tasks and name not in periodic
    ]


def delete_unknown_periodic_jobs(before: ReleaseDescription) -> None:
    unknown = sorted(_periodic_tasks() - before.tasks)
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM procrastinate_jobs WHERE status = 'todo' AND task_name = ANY(%s)", [unknown])


def _periodic_tasks() -> set[str]:
    worker.perform_import_paths()  # type: ignore[no-untyped-call]
    return {name for name, _identifier in worker.periodic_registry.periodic_tasks}
