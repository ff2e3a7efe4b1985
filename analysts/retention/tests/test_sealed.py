"""Every kind of sealed row is under a key of its class: one of the other class lives longer, or shorter."""

import pytest
from django.apps import apps
from django.db import connection
from django.db.models import Model

from analysts.assessment import drafts
from analysts.exports.actions import order_export
from analysts.exports.writing import write_export
from analysts.models import ExportFormat, ExportSubject, ImportState
from analysts.pages.list_exports import TABLES
from analysts.retention.sealed import SEALED
from analysts.tests.replies import replied
from countries.models import Portal
from reports.models import KeyClass, SealingKey
from tests.acts.act import INCIDENT, Stage, set_up, with_report
from tests.acts.history import history_of
from tests.acts.table import ACTS

# The class of the key, by model.
CLASSES: dict[str, KeyClass] = {
    **dict.fromkeys(
        ("Submission", "Message", "NoticeAnswer", "Draft", "ExportPart", "WordsRelease", "HistoryPart"), KeyClass.WORDS
    ),
    **dict.fromkeys(
        ("Incident", "Sighting", "Note", "Redaction", "NoticeItem", "UrlListEntry", "HistoryRow"), KeyClass.ADDRESSES
    ),
    "HostingTrace": KeyClass.ADDRESSES,
}
# Not copied to a later key: an export goes within a day, the file of an import within a week.
NOT_RESEALED = {"ExportPart", "HistoryPart"}


def _sealed_models() -> dict[str, type[Model]]:
    """All models whose rows name the key that they are sealed to."""
    return {
        model.__name__: model
        for model in apps.get_models()
        if any(
            field.attname == "key_id" and field.related_model in (None, SealingKey)
            for field in model._meta.concrete_fields
        )
    }


def test_every_sealed_kind_has_its_class() -> None:
    assert _sealed_models().keys() == CLASSES.keys()
    assert {kind.model.__name__: kind.key_class for kind in SEALED} == {
        name: key_class for name, key_class in CLASSES.items() if name not in NOT_RESEALED
    }


def test_every_sealed_kind_is_refused_under_a_closed_key(db: None) -> None:
    """A key that is being destroyed gets no row more. Exports go with their day, so that theirs may be any key."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT event_object_table, event_manipulation FROM information_schema.triggers"
            " WHERE action_statement LIKE '%reports_refuse_closed_key()' AND action_timing = 'AFTER'"
        )
        refusing = set(cursor.fetchall())
    tables = {model._meta.db_table for name, model in _sealed_models().items() if name not in NOT_RESEALED}
    assert refusing == {(table, change) for table in tables for change in ("INSERT", "UPDATE")}


def _write_one_of_each(stage: Stage) -> None:
    for path in ("note", "ask/<uuid:report_id>", "release-words/<uuid:report_id>", "redaction", "url-list/add"):
        address = f"https://{path[:3]}.example.org/placeholder"
        assert ACTS[f"{INCIDENT}{path}/"](with_report(stage.belize, stage.people, address)).status_code == 302, path
    analyst, incident = stage.analyst, with_report(stage.belize, stage.people, "https://draft.example.org/").incident
    # A spelling that the incident lacks.
    with_report(stage.belize, stage.people, "https://DRAFT.example.org/")
    drafts.save_draft(by=analyst, incident=incident, act="note", fields={"text": "Begun"})
    replied(with_report(stage.belize, stage.people, "https://replied.example.org/").incident, analyst)
    ACTS["admin/notices/<uuid:notice_id>/sent/"](with_report(stage.belize, stage.people, "https://letter.example.org/"))
    ACTS[f"{INCIDENT}trace/"](with_report(stage.belize, stage.people, "https://trace.example.org/"))
    export = order_export(
        by=stage.senior, subject=ExportSubject.INCIDENTS, format=ExportFormat.CSV, columns=["incident"]
    )
    write_export(export_id=export.pk, tables=TABLES)
    history_of(stage.senior, ImportState.DONE)
    history_of(analyst)


@pytest.mark.urls("portal_site.urls_staff")
def test_every_row_is_sealed_to_a_key_of_its_class(belize: Portal) -> None:
    _write_one_of_each(set_up(belize))
    class_of = dict(SealingKey.objects.values_list("pk", "key_class"))
    classes = {
        name: {class_of[key] for key in model._default_manager.exclude(key_id=None).values_list("key_id", flat=True)}
        for name, model in _sealed_models().items()
    }
    assert classes == {name: {key_class.value} for name, key_class in CLASSES.items()}
