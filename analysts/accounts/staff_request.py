"""The request type of staff views."""

from typing import cast

from django.http import HttpRequest

from analysts.models import User


class StaffRequest(HttpRequest):
    """A request of a signed-in user."""

    user: User


def staff_user(request: HttpRequest) -> User:
    """The signed-in user of a request whose type in Django's signatures is HttpRequest."""
    return cast(User, request.user)
