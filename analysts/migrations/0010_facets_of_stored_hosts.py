from collections.abc import Sequence
from uuid import UUID

from django.contrib.postgres.operations import RemoveIndexConcurrently
from django.db import migrations, transaction
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

BATCH = 2000
FILL = """
    INSERT INTO analysts_incidentfacet (portal_id, name, value, received, incident_id)
    SELECT facets.portal_id, facets.name, facets.value, facets.received, facets.incident_id
    FROM unnest(%s::uuid[]) AS incident (id) CROSS JOIN LATERAL analysts_facets_of(incident.id) AS facets
    WHERE facets.name IN ('host', 'site')
    ON CONFLICT DO NOTHING
"""


def fill_facets(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Add the hosts and sites of stored incidents, in short transactions: pages and intake go on meanwhile."""
    incidents = apps.get_model("analysts", "Incident")._default_manager.order_by("pk")
    connection = schema_editor.connection

    def fill(pks: Sequence[UUID], *, skip_locked: bool) -> set[UUID]:
        with transaction.atomic(connection.alias), connection.cursor() as cursor:
            # Locked first: the triggers of a change made meanwhile do not see these rows.
            locked = set(
                incidents.filter(pk__in=pks)
                .select_for_update(skip_locked=skip_locked, no_key=True)
                .values_list("pk", flat=True)
            )
            cursor.execute(FILL, [list(locked)])
        return locked

    after = UUID(int=0)
    while pks := list(incidents.filter(pk__gt=after).values_list("pk", flat=True)[:BATCH]):
        for pk in set(pks) - fill(pks, skip_locked=True):
            # One at a time: never waits while it holds another.
            fill([pk], skip_locked=False)
        after = pks[-1]


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("analysts", "0009_facets_of_hosts")]
    operations = [
        migrations.RunPython(fill_facets, migrations.RunPython.noop),
        # Nothing reads incidents of a host across portals any more, but open takedowns, which have their own index.
        RemoveIndexConcurrently("incident", "incident_host"),
    ]
