"""The environment as settings read it: remembers each value and its source, for the page of settings in force."""

import os
import re
import warnings
from dataclasses import dataclass
from typing import Any, Literal

import environ
from django.core.exceptions import ImproperlyConfigured

# In any case of letters, as django-environ reads them. It takes every other word for false.
TRUE, FALSE = ("1", "true", "on", "yes", "y", "ok"), ("0", "false", "off", "no", "n", "")
# Parts of the names of secrets. A number is none, such as KEY_REST_DAYS.
SECRET = re.compile(r"(^|_)(KEY|PASSWORD|SECRET)(_|$)|DATABASE_URL")


@dataclass(frozen=True, slots=True)
class SettingInForce:
    """A variable that settings read. `value`: as text, None if it is a secret."""

    name: str
    source: Literal["environment", "file", "default"]
    is_set: bool
    value: str | None


class RecordedEnv(environ.FileAwareEnv):  # type: ignore[misc] # django-environ has no types
    """A FileAwareEnv that remembers what was read, in that order; of secrets only whether they are set."""

    def __init__(self) -> None:
        super().__init__()
        self.in_force: dict[str, SettingInForce] = {}
        # The least and the greatest allowed value of settings that are whole numbers.
        self.bounds: dict[str, tuple[int, int]] = {}

    def get_value(self, var: str, *args: Any, **kwargs: Any) -> Any:
        """Raises ImproperlyConfigured for a value that is not of the kind asked for, with what is allowed."""
        typed, cast = os.environ.get(var, ""), kwargs.get("cast")
        if cast is bool and typed.strip().lower() not in TRUE + FALSE:
            raise ImproperlyConfigured(f"{var}={typed!r} is not one of {', '.join((*TRUE, *filter(None, FALSE)))}.")
        try:
            value = super().get_value(var, *args, **kwargs)
        except ValueError:
            raise ImproperlyConfigured(f"{var}={typed!r} is not a whole number.") from None
        except OSError as error:
            path = os.environ[f"{var}_FILE"]
            raise ImproperlyConfigured(f"{var}_FILE={path!r} cannot be read: {error.strerror}.") from None
        source: Literal["environment", "file", "default"]
        source = "file" if f"{var}_FILE" in os.environ else "environment" if var in os.environ else "default"
        is_secret = cast not in (int, bool) and SECRET.search(var)
        text = None if is_secret else ", ".join(map(str, value)) if isinstance(value, list) else str(value)
        self.in_force[var] = SettingInForce(var, source, bool(value), text)
        return value

    def db_url(self, var: str, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Raises ImproperlyConfigured, without the value, which may hold a password, if it cannot be read."""
        try:
            with warnings.catch_warnings(action="error"):
                config: dict[str, Any] = super().db_url(var, *args, **kwargs)
        except (ValueError, UserWarning):
            raise ImproperlyConfigured(f"{var} is not like postgres://user@host:5432/name.") from None
        return config
