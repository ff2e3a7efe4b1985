"""Somebody who acts, without the user model of an app above."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Person:
    username: str
    role: str

    def get_username(self) -> str:
        return self.username


ANA = Person("ana", "analyst")
