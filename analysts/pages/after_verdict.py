"""What the incident page shows once it was found illegal: what is due, where it is hosted, where it goes, who knows."""

from datetime import datetime

from analysts.incidents.page_kit import ActionForm, PageSection, ShowSection
from analysts.models import Incident, IncidentKind, User
from analysts.takedown.chasing.page_section import stands
from analysts.takedown.notices.outbox_section import notices
from analysts.takedown.routing.page_section import routing
from analysts.takedown.tracing.page_section import hosting
from analysts.takedown.url_list.page_section import listing

# In the order of the page: what is due first. Each is None where it has nothing to say.
PARTS: tuple[ShowSection, ...] = (stands, hosting, routing, notices, listing)


def after_verdict(incident: Incident, user: User, bound: dict[str, ActionForm], now: datetime) -> list[PageSection]:
    """The sections for an incident that was found illegal; none while it waits for its first verdict."""
    shown = PARTS if incident.known_chases else ()
    if incident.kind == IncidentKind.WORDS and incident.severity:
        # Hosted nowhere: all there is to keep is whom somebody told.
        shown = (routing,)
    return [part for shows in shown if (part := shows(incident, user, bound, now)) is not None]
