"""Permission checks on searching."""

from analysts.incidents.permissions import check_sees_content
from analysts.models import User


def check_can_search(user: User) -> None:
    check_sees_content(user)
