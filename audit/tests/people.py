"""Actors for tests: accounts, because the database takes an actor's name and role from them."""

from typing import Any

from django.contrib.auth import get_user_model


def create_actor(username: str, role: str = "analyst") -> Any:
    return get_user_model().objects.create(username=username, role=role)
