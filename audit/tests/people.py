"""Actors for tests, without the user model of another app."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Person:
    username: str
    role: str

    def get_username(self) -> str:
        return self.username


ANA = Person("ana", "analyst")
