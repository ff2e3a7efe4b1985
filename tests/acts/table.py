"""All actions by their route, and the routes that record no event.

A new route that takes a POST gets its row in the module of its area, or a reason in `SILENT`; a test asks for it. An
action on an incident with a label, a check and a form that needs nothing typed is done by its row of the page alone.
"""

from analysts.accounts.access import NO_ROLE
from portal_site.access_table import ROWS
from tests.acts import accounts, batches, figures, history, incidents, portals, takedown, words
from tests.acts.act import INCIDENT, PORTAL, Act

# Later rows replace those that the page's own rows make.
ACTS: dict[str, Act] = {
    act.route: act
    for acts in (
        incidents.BY_THEIR_ROWS,
        incidents.ACTS,
        takedown.ACTS,
        batches.ACTS,
        figures.ACTS,
        history.ACTS,
        portals.ACTS,
        accounts.ACTS,
        words.ACTS,
    )
    for act in acts
}
ACTING = sorted({row.route for row in ROWS if "POST" in row.methods and row.who is not NO_ROLE})

# Routes that take a POST and record no event, each with its reason.
SILENT: dict[str, str] = {
    f"{INCIDENT}hide/": "hides what was shown",
    f"{INCIDENT}show-related/": "the page that shows the addresses records each as revealed",
    f"{INCIDENT}draft/<slug:act>/": "saves no decision; only the author of a draft sees it",
    f"{INCIDENT}look-up-network/": "shows the page, which is on record; the looked-up values are not recorded",
    "accounts/logout/": "ends one's own session and nothing else",
    "accounts/reauthenticate/": "what it opens is recorded, and each failure",
    "accounts/mfa/reauthenticate/": "what it opens is recorded, and each failure",
    "accounts/mfa/webauthn/reauthenticate/": "what it opens is recorded",
    "accounts/mfa/webauthn/login/": "recorded as user.sign_in: test_passkeys.py, in a browser that has keys",
    "accounts/mfa/webauthn/add/": "recorded as user.add_factor: test_passkeys.py",
    "accounts/mfa/webauthn/keys/<int:pk>/remove/": "recorded as user.remove_factor: test_passkeys.py",
    "accounts/mfa/webauthn/keys/<int:pk>/edit/": "what one calls one's own key",
    "admin/login/": "leads to accounts/login/",
    "admin/logout/": "leads to accounts/logout/",
    "admin/(?P<url>.*)$": "no such page",
    "admin/countries/portal/add/": "leads to admin/countries/portal/new/",
    f"{PORTAL}preview/<slug:state>/": "a sample: nothing sent there is kept",
    f"{PORTAL}preview/<slug:state>/<path:public_path>": "a sample: nothing sent there is kept",
}
