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
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.utils import timezone

from analysts.models import DailyFigure, HostReading
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
    made: Migration = type("NewerMigration", (Migration,), members)(NEW[1], APP)
    return made


def apply(monkeypatch: pytest.MonkeyPatch, *operations: Any, computed: tuple[str, ...] = ()) -> None:
    """As if this release had one migration more, already applied."""
    leaf = MigrationLoader(connection).graph.leaf_nodes(APP)[0]
    migration = make_migration(leaf, operations, computed)
    load_disk = MigrationLoader.load_disk

    def load_with(self: MigrationLoader) -> None:
        load_disk(self)
        self.disk_migrations[NEW] = migration

    monkeypatch.setattr(MigrationLoader, "load_disk", load_with)
    before_it = MigrationLoader(connection).project_state([leaf])
    with connection.schema_editor() as editor:
        migration.apply(before_it, editor)
    MigrationRecorder(connection).record_applied(*NEW)


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


def release_at(before: ReleaseDescription, newest: str) -> ReleaseDescription:
    """A release whose newest migration of `analysts` is this one."""
    later = {name for name in before.migrations if name.startswith("analysts.0") and name > f"analysts.{newest}"}
    return ReleaseDescription(before.migrations - later, before.tasks)


def test_readings_and_heads_of_the_queue_are_no_loss(before: ReleaseDescription, cursor: Any) -> None:
    """Of the real migrations: the worker and the next minute make both again; their reverse removes them."""
    HostReading.objects.create(kind="mail", name="server", number=1)
    cursor.execute(
        "DELETE FROM analysts_queuehead; INSERT INTO analysts_queuehead VALUES (3, date_trunc('hour', now()))"
    )
    cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")

    way = way_back.find_way_back(release_at(before, "0027_figures_taken_over"), {})
    # A later migration removes tables, so it is undone here without the judgement.
    MigrationExecutor(connection).migrate([("analysts", "0027_figures_taken_over")])

    assert [each for each in way.obstacles if "removes the table" not in each] == []
    assert way.losses == ()
    assert {"analysts.0028_queue_heads", "analysts.0029_mail_readings"} <= {*way.undone}
    assert not has_table("analysts_queuehead")
    cursor.execute("SELECT count(*) FROM analysts_hostreading WHERE kind = 'mail'")
    assert cursor.fetchone() == (0,)


def test_choice_that_only_this_release_has_is_counted(before: ReleaseDescription, cursor: Any) -> None:
    """Of the real migrations: figures of providers, which the release before does not know."""
    DailyFigure.objects.create(
        day=timezone.localdate(), subject="answered", dimension="prov_act", value="removed", number=4, key=0
    )
    losses = way_back.find_way_back(release_at(before, "0025_reply_decisions"), {}).losses
    assert "analysts_dailyfigure.dimension: 1 rows with " in " ".join(losses)
    assert "analysts_dailyfigure.subject: 1 rows with " in " ".join(losses)
