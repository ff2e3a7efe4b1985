"""The request that every view of this app gets."""

from django.http import HttpRequest

from analysts.models import User


class StaffRequest(HttpRequest):
    """A request that got past sign-in."""

    user: User
