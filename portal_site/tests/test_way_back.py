"""The way back to a release before: what makes it impossible, what it would lose, and taking it."""

import io
import json
import re
from collections.abc import Iterable, Iterator
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, migrations, models
from django.db.migrations import Migration
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

from analysts.models import HostReading
from audit.lasting_tables import CreateLastingModel
from countries.lasting_columns import AddLastingField
from portal_site.database import way_back
from portal_site.release_description import ReleaseDescription, describe_release

APP = "audit"
NEW = (APP, "9999_of_a_newer_release")


@pytest.fixture
def before(db: None) -> ReleaseDescription:
    """This release, before any test adds a migration to it."""
    return describe_release()


def make_migration(leaf: tuple[str, str], operations: Iterable[Any], computed: tuple[str, ...] = ()) -> Migration:
    members = {"operations": [*operations], "dependencies": [leaf], "computed": computed}
    made: Migration = type("NewerMigration", (Migration,), members)(NEW[1], leaf[0])
    return made


def apply(monkeypatch: pytest.MonkeyPatch, *operations: Any, computed: tuple[str, ...] = (), app: str = APP) -> None:
    """As if this release had one migration more, already applied."""
    leaf = MigrationLoader(connection).graph.leaf_nodes(app)[0]
    migration = make_migration(leaf, operations, computed)
    load_disk = MigrationLoader.load_disk

    def load_with(self: MigrationLoader) -> None:
        load_disk(self)
        self.disk_migrations[app, NEW[1]] = migration

    monkeypatch.setattr(MigrationLoader, "load_disk", load_with)
    before_it = MigrationLoader(connection).project_state([leaf])
    with connection.schema_editor() as editor:
        migration.apply(before_it, editor)
    MigrationRecorder(connection).record_applied(app, NEW[1])


def table(name: str = "Shelf") -> migrations.CreateModel:
    return migrations.CreateModel(name, [("id", models.BigAutoField(primary_key=True)), ("text", models.TextField())])


def has_table(name: str) -> bool:
    return name in connection.introspection.table_names()


@pytest.fixture
def cursor(db: None) -> Iterator[Any]:
    with connection.cursor() as opened:
        yield opened


def test_same_release_has_nothing_to_undo(before: ReleaseDescription) -> None:
    found = way_back.find_way_back(before, {})
    assert (found.undone, found.obstacles, found.losses, found.is_beside) == ((), (), (), True)


def test_empty_table_and_column_go_and_all_else_stays(
    before: ReleaseDescription, monkeypatch: pytest.MonkeyPatch, cursor: Any
) -> None:
    column = migrations.AddField("auditevent", "shelf", models.IntegerField(default=0))
    apply(monkeypatch, table(), column)

    found = way_back.take_way_back(before, {})

    assert found.undone == (".".join(NEW),)
    assert not found.is_beside
    assert not has_table("audit_shelf")
    cursor.execute(
        "SELECT 1 FROM information_schema.columns WHERE table_name = 'audit_auditevent' AND column_name = 'shelf'"
    )
    assert cursor.fetchone() is None
    assert NEW not in MigrationRecorder(connection).applied_migrations()


def test_migration_that_was_never_applied_is_no_obstacle(
    before: ReleaseDescription, monkeypatch: pytest.MonkeyPatch, cursor: Any
) -> None:
    """An upgrade that failed before its first migration has nothing to undo, also where none could be undone."""
    apply(monkeypatch, migrations.RunPython(lambda apps, editor: None))
    with pytest.raises(way_back.NoWayBack):
        way_back.take_way_back(before, {})

    MigrationRecorder(connection).record_unapplied(*NEW)
    assert way_back.take_way_back(before, {}).obstacles


def test_rows_since_the_upgrade_are_counted_and_refused(
    before: ReleaseDescription, monkeypatch: pytest.MonkeyPatch, cursor: Any
) -> None:
    apply(monkeypatch, table())
    cursor.execute("INSERT INTO audit_shelf (text) VALUES ('loaded')")
    loaded = way_back.find_way_back(before, {}).contents
    assert way_back.find_way_back(before, loaded).losses == ()

    cursor.execute("UPDATE audit_shelf SET text = 'changed by staff'")
    with pytest.raises(way_back.NoWayBack, match="audit_shelf: 1 rows"):
        way_back.take_way_back(before, loaded)
    cursor.execute("INSERT INTO audit_shelf (text) VALUES ('added')")
    with pytest.raises(way_back.NoWayBack, match="audit_shelf: 2 rows"):
        way_back.take_way_back(before, loaded)
    assert has_table("audit_shelf")


def test_table_filled_from_others_is_no_loss(
    before: ReleaseDescription, monkeypatch: pytest.MonkeyPatch, cursor: Any
) -> None:
    apply(monkeypatch, table(), computed=("audit_shelf",))
    cursor.execute("INSERT INTO audit_shelf (text) VALUES ('derived')")
    assert way_back.take_way_back(before, {}).losses == ()
    assert not has_table("audit_shelf")


def test_lasting_tables_and_columns_stay_and_are_found_again(
    before: ReleaseDescription, monkeypatch: pytest.MonkeyPatch, cursor: Any
) -> None:
    column = AddLastingField("logid", "shelf", models.IntegerField(default=7, db_default=7))
    apply(monkeypatch, CreateLastingModel("Shelf", table().fields), column)
    cursor.execute("INSERT INTO audit_shelf (text) VALUES ('of daily work')")
    cursor.execute("INSERT INTO audit_logid (value, shelf) VALUES ('id:1', 8)")

    way = way_back.take_way_back(before, {})

    assert (way.undone, way.losses) == ((".".join(NEW),), ())
    cursor.execute("INSERT INTO audit_logid (value) VALUES ('id:2')")
    cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    call_command("migrate", APP, verbosity=0)
    cursor.execute("SELECT shelf, (SELECT text FROM audit_shelf) FROM audit_logid ORDER BY value")
    assert cursor.fetchall() == [(8, "of daily work"), (7, "of daily work")]


def test_lasting_column_that_the_release_before_cannot_leave_out_is_refused() -> None:
    with pytest.raises(ValueError, match=r"logid\.shelf is neither null"):
        AddLastingField("logid", "shelf", models.IntegerField(default=7))


@pytest.mark.parametrize(
    ("operation", "reason"),
    [
        (migrations.RunPython(lambda apps, editor: None), r"9999_of_a_newer_release cannot be undone \(RunPython\)"),
        (migrations.RunSQL("SELECT 1"), r"cannot be undone \(RunSQL\)"),
        (migrations.RemoveField("auditevent", "action"), "removes the column audit_auditevent.action"),
    ],
)
def test_obstacles_are_known_beforehand(
    before: ReleaseDescription, monkeypatch: pytest.MonkeyPatch, operation: Any, reason: str
) -> None:
    leaf = MigrationLoader(connection).graph.leaf_nodes(APP)[0]
    migration = make_migration(leaf, [operation])
    load_disk = MigrationLoader.load_disk
    monkeypatch.setattr(
        MigrationLoader, "load_disk", lambda self: (load_disk(self), self.disk_migrations.__setitem__(NEW, migration))
    )
    found = way_back.find_way_back(before, {})
    assert any(re.search(reason, each) for each in found.obstacles), found.obstacles
    assert not found.is_beside


def test_old_code_bears_new_tables_and_empty_columns(
    before: ReleaseDescription, monkeypatch: pytest.MonkeyPatch
) -> None:
    apply(monkeypatch, table(), migrations.AddField("auditevent", "shelf", models.IntegerField(null=True)))
    assert way_back.find_way_back(before, {}).is_beside


def test_waiting_job_of_a_new_kind_is_counted(before: ReleaseDescription, cursor: Any) -> None:
    cursor.execute(
        "INSERT INTO procrastinate_jobs (queue_name, task_name, priority, status, args)"
        " VALUES ('default', 'of_a_newer_release', 0, 'todo', '{}')"
    )
    assert way_back.find_way_back(before, {}).losses == ("jobs of_a_newer_release: 1 that wait",)


def test_commands_speak_json(before: ReleaseDescription, monkeypatch: pytest.MonkeyPatch) -> None:
    out = io.StringIO()
    call_command("describe_release", stdout=out)
    described = json.loads(out.getvalue())
    assert {*described["migrations"]} == before.migrations
    monkeypatch.setattr("sys.stdin", io.StringIO(json.dumps({"before": described, "loaded": {}})))
    out = io.StringIO()
    call_command("way_back", stdout=out)
    assert json.loads(out.getvalue()) == {
        "undone": [], "obstacles": [], "losses": [], "contents": {}, "is_beside": True,
    }  # fmt: skip
    monkeypatch.setattr("sys.stdin", io.StringIO("[]"))
    with pytest.raises(CommandError):
        call_command("way_back")


@pytest.mark.parametrize("computed", [(), ("analysts_hostreading.kind",)])
def test_choice_that_only_this_release_has_is_counted(
    before: ReleaseDescription, monkeypatch: pytest.MonkeyPatch, computed: tuple[str, ...]
) -> None:
    """Unless its migration fills the column, or its reverse removes the values."""
    kind = HostReading._meta.get_field("kind")
    choices = [*kind.flatchoices, ("fan", "fan")]
    apply(
        monkeypatch,
        migrations.RemoveConstraint("hostreading", "host_reading_kind_known"),
        migrations.AlterField("hostreading", "kind", models.CharField(max_length=12, choices=choices)),
        computed=computed,
        app="analysts",
    )
    HostReading.objects.create(kind="disk", name="/", number=1)
    HostReading.objects.create(kind="fan", name="rear", number=1)
    losses = way_back.find_way_back(before, {}).losses
    assert losses == (() if computed else ("analysts_hostreading.kind: 1 rows with fan",))
