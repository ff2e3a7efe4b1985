"""The request that every view of this app gets."""

from typing import cast

from django.http import HttpRequest

from analysts.models import User


class StaffRequest(HttpRequest):
    """A request that got past sign-in."""

    user: User


def staff_user(request: HttpRequest) -> User:
    """Who sent a request that is past sign-in, where Django's own signatures do not say so."""
    return cast(User, request.user)
