"""What is kept about a report, listed by the apps that keep it."""

from functools import cache
from importlib import import_module
from typing import Protocol

from django.apps import apps
from django.utils.functional import Promise
from django.utils.module_loading import module_has_submodule


class PrivacyPageRow(Protocol):
    """One row of the privacy page, in words a reporter understands."""

    @property
    def what(self) -> str | Promise: ...

    @property
    def why(self) -> str | Promise: ...

    @property
    def until(self) -> str | Promise: ...


@cache
def privacy_rows() -> list[PrivacyPageRow]:
    """The rows of `KEPT` in the `privacy` module of every installed app.

    Found as Django finds `admin` modules: this app draws the page but may not import the apps above it.
    """
    return [
        row
        for config in apps.get_app_configs()
        if config.module and module_has_submodule(config.module, "privacy")
        for row in getattr(import_module(f"{config.name}.privacy"), "KEPT", ())
    ]
