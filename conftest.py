"""Fixtures that tests of several apps share."""

pytest_plugins = [
    "tests.rig.kinds",
    "tests.rig.file_order",
    "tests.rig.reach",
    "tests.rig.kept_statements",
    "tests.rig.response_contexts",
    "tests.rig.row_order",
    "tests.rig.fixtures",
    "tests.rig.installation",
    "tests.rig.browser",
    "tests.rig.public_pages",
]
