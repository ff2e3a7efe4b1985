"""The filter values of filled incidents: triggers, which write them otherwise, are off while rows are made."""

from django.db import connection

from analysts.models import IncidentFacet
from tests.benchmarks.incidents.fill import without_indexes

# In the order of the primary key, so that its index is built from left to right.
FACETS = """
    INSERT INTO analysts_incidentfacet (portal_id, name, value, received, incident_id)
    SELECT DISTINCT facets.portal_id, facets.name, facets.value, facets.received, facets.incident_id
    FROM analysts_incident AS incident CROSS JOIN LATERAL analysts_facets_of(incident.id) AS facets
    ORDER BY 1, 2, 3, 4, 5
"""


def fill_facets() -> None:
    """Write the rows of all incidents again, after everything that they come from."""
    with connection.cursor() as cursor, without_indexes([IncidentFacet._meta.db_table]) as build:
        cursor.execute("TRUNCATE analysts_incidentfacet")
        cursor.execute(FACETS)
        build()
