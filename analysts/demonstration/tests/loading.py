"""A small demonstration, loaded for the tests of a module and taken back after them."""

from collections.abc import Iterator
from contextlib import contextmanager
from io import StringIO
from pathlib import Path

from django.core.management import call_command
from django.test import override_settings

from countries.public import published
from tests.rig.public_pages import roll_back_afterwards


@contextmanager
def demonstration_to_load(folder: Path) -> Iterator[None]:
    """The settings, keys and portals of a demonstration whose data is in `folder`; call `load_demo` within."""
    as_a_demo = override_settings(
        DEMO=True,
        DATA_DIR=folder,
        KEYRING=folder / "keyring",
        PUBLIC_URL="http://127.0.0.1:8000",
        PUBLISH_EVERY="minute",
        NOTICE_GROUP_MINUTES=1,
        SECOND_REVIEW_PERCENT=30,
    )
    with as_a_demo, roll_back_afterwards():
        published.clear_cache()
        call_command("create_keys", stdout=StringIO())
        call_command("load_catalogue", live=True, stdout=StringIO())
        yield
