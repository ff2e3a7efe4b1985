"""A migration operation for a column whose values outlast the way back to the release before."""

from typing import Any

from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.operations import AddField
from django.db.migrations.state import ProjectState
from django.db.models import Field


class AddLastingField(AddField):
    """`AddField` that leaves its column in the table when it is undone, and finds it there when it is applied again.

    For values of daily work, which the release before neither reads nor misses: without it, their loss would bar the
    way back. That release leaves the column out when it adds a row, so it is null or has a default of the database.

    Raises:
        ValueError: it has neither.
    """

    def __init__(self, model_name: str, name: str, field: "Field[Any, Any]", preserve_default: bool = True) -> None:
        if not (field.null or field.has_db_default()):
            raise ValueError(f"{model_name}.{name} is neither null nor has a default of the database.")
        super().__init__(model_name, name, field, preserve_default)

    def database_forwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        model = to_state.apps.get_model(app_label, self.model_name)
        connection = schema_editor.connection
        with connection.cursor() as cursor:
            columns = {row.name for row in connection.introspection.get_table_description(cursor, model._meta.db_table)}
        if model._meta.get_field(self.name).column not in columns:
            super().database_forwards(app_label, schema_editor, from_state, to_state)

    def database_backwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        pass
