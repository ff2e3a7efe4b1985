"""What tests of several apps share."""

pytest_plugins = [
    "portal_site.tests.fixtures",
    "portal_site.tests.installation",
    "portal_site.tests.browser",
    "portal_site.tests.public_pages",
]
