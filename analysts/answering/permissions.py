"""May I read what addressees answered?"""

from analysts.models import Incident, User
from analysts.permissions import check_sees_content


def check_can_read_replies(user: User, incident: Incident) -> None:
    """Whoever may see the incident: an addressee's words may quote what was reported."""
    check_sees_content(user)
