"""The last release, as docs/last-release.json describes it: this one takes nothing from it that it reads."""

import json

from portal_site.database import applied_migrations, way_back
from portal_site.environment import PROJECT
from portal_site.release_description import parse_description
from portal_site.tests.test_release import replaced_migrations
from supply import release_record

RECORDED = json.loads((PROJECT / "docs" / "last-release.json").read_text())
LAST_RELEASE = parse_description(RECORDED)
# Tables and columns that are lost on the way back to it, with the new feature that alone fills them: a way back is
# refused once it was used. Values of daily work belong in an `AddLastingField` or a `CreateLastingModel`.
OF_NEW_FEATURES: dict[str, str] = {}


def test_last_release_is_described() -> None:
    assert RECORDED["version"] == list(release_record.read_rows(PROJECT))[-1]


def test_migrations_are_replaced_once_a_release_has_them() -> None:
    """A database of that release finds them all applied, and none of them is looked for in an older one."""
    assert applied_migrations.UPGRADES_FROM in release_record.read_rows(PROJECT)
    replaced = {".".join(key) for keys in replaced_migrations().values() for key in keys}
    assert replaced <= LAST_RELEASE.migrations


def test_this_release_takes_nothing_away_from_the_last_one(db: None) -> None:
    """Everything that the last release reads is there, or is filled again on the way back; no daily work is lost."""
    way = way_back.find_way_back(LAST_RELEASE, {})
    assert way.obstacles == ()
    assert {*way.contents} == {*OF_NEW_FEATURES}
