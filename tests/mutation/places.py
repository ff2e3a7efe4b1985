"""The places whose tests are tried: what a bug there would break, and the tests that have to find it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Place:
    """`files`: of the product, as patterns. `tests`: run in this order until one fails, so the quickest come first."""

    name: str
    files: tuple[str, ...]
    tests: tuple[str, ...]


DIAGRAMS = "portal_site/tests/test_rules.py::test_state_diagram_is_current"


def _beside(folder: str, *names: str) -> tuple[str, ...]:
    return tuple(f"{folder}/tests/test_{name}.py" for name in names)


# First in every place of Python.
EVERYWHERE = _beside("portal_site", "limits", "permission_checks", "permission_conditions")
PLACES = (
    Place(
        "permissions of staff",
        (
            *("analysts/accounts/permissions.py", "analysts/accounts/access.py", "audit/permissions.py"),
            "analysts/accounts/log_ids/requests.py",
        ),
        (
            *_beside("analysts/accounts", "user_admin", "account_approvals", "vouching", "second_person_made_by_two"),
            *_beside("analysts/accounts", "log_id_requests"),
            *_beside("portal_site", "access_table", "two_persons"),
        ),
    ),
    Place(
        "permissions on incidents",
        ("analysts/incidents/permissions.py", "analysts/assessment/permissions.py"),
        (
            *_beside(
                "analysts/assessment", "actions", "merging", "second_review", "dispatch", "bulk", "reopening", "undo"
            ),
            *_beside("analysts/assessment", "declined_closings", "questions", "agreement_page", "appeals", "fences"),
            *_beside("analysts/assessment", "entering", "floods", "flood_pages", "decision_pages", "merge_pages"),
            *_beside("analysts/assessment", "claims", "compared"),
            *_beside("analysts/handoff", "batches"),
            *_beside("analysts/incidents", "notes"),
            *_beside("analysts/welfare", "meter"),
            *_beside("analysts/pages", "incident_page"),
            *_beside("portal_site", "access_table"),
        ),
    ),
    Place(
        "permissions of the takedown",
        ("analysts/takedown/*/permissions.py",),
        (
            *_beside("analysts/takedown/routing", "routing", "police_holds", "routing_rules"),
            *_beside("analysts/takedown/recipients", "recipients", "recipient_pages"),
            *_beside("analysts/takedown/url_list", "url_list", "url_list_pages"),
            *_beside("analysts/takedown/tracing", "tracing"),
            *_beside("analysts/takedown/next_steps", "next_steps"),
            *_beside("analysts/takedown/chasing", "due_page", "chase_rules", "bulk_views"),
            *_beside(
                "analysts/takedown/notices", "replies", "sending", "outbox_pages", "notice_text_pages", "batching"
            ),
            *_beside("analysts/takedown/notices", "letter_reveals", "reply_links", "redaction_pages", "answers"),
            *_beside("analysts/takedown/notices", "waiting_recipients"),
            *_beside("analysts/takedown/inbox", "inbox_access", "inbox_pages", "police_answers"),
            *_beside("analysts/takedown/alerts", "alerts", "alert_letters"),
            *_beside("analysts/assessment", "appeals"),
            *_beside("portal_site", "access_table"),
        ),
    ),
    Place(
        "permissions of rooms with files, figures and keys",
        tuple(f"analysts/{room}/permissions.py" for room in ("exports", "handoff", "retention", "welfare", "figures")),
        (
            *_beside("analysts/exports", "exports"),
            *_beside("analysts", "stored_derivatives"),
            *_beside("analysts/handoff", "allowances", "batches", "batch_pages", "workstations", "findings"),
            *_beside("analysts/retention", "holds", "keys_page"),
            *_beside("analysts/welfare", "masked_terms"),
            *_beside("analysts/figures", "closing", "figures_page"),
            *_beside("portal_site", "access_table"),
        ),
    ),
    Place(
        "permissions of operators",
        ("countries/staff/*/permissions.py",),
        (
            *_beside("countries/staff/translation", "translation_actions", "translation_pages", "standard_words"),
            *_beside("countries/staff/workspace", "lifecycle", "portal_approvals", "emergency", "starting", "admin"),
            *_beside("countries/staff/workspace", "withdrawal", "state_page"),
            *_beside("portal_site", "access_table"),
        ),
    ),
    Place(
        "what a search finds, and how often",
        ("analysts/search/lookups.py", "analysts/search/limits.py", "analysts/search/terms.py"),
        (*_beside("analysts/search", "search", "terms"), *_beside("analysts/assessment", "entering")),
    ),
    Place(
        "limits on files",
        ("analysts/handoff/allowances.py", "analysts/handoff/drawing.py"),
        (
            *_beside("analysts/handoff", "allowances", "batches", "batch_pages", "findings", "workstations"),
            *_beside("analysts/exports", "exports"),
            *_beside("analysts", "stored_derivatives"),
            *_beside("analysts/welfare", "meter"),
            *_beside("analysts/takedown/tracing", "host_traces"),
            *_beside("analysts/takedown/chasing", "bulk_views"),
            *_beside("analysts/takedown/next_steps", "next_steps"),
        ),
    ),
    Place(
        "limits on sign-in",
        ("analysts/accounts/sign_in/delays.py", "analysts/accounts/sign_in/password_checks.py"),
        _beside("analysts/accounts", "delays", "password_checks", "sign_in", "password_rules", "sessions"),
    ),
    Place(
        "limits on reports",
        ("reports/rate_limit.py",),
        _beside("reports", "rate_limit", "views_waiting", "views_report"),
    ),
    Place(
        "roles of the database",
        ("portal_site/database/roles.py",),
        _beside("portal_site", "roles", "lockdown", "monitoring", "outgoing_effects"),
    ),
    Place(
        "disclosure",
        ("countries/disclosure.py", "analysts/figures/publication.py"),
        (
            *_beside("countries", "disclosure"),
            *_beside("analysts/figures", "publication"),
            "tests/attack/test_ranges.py",
            "tests/attack/test_attack.py",
        ),
    ),
    Place(
        "states and claims",
        ("analysts/states.py", "analysts/incidents/locking.py", "analysts/assessment/actions/claims.py"),
        (
            *_beside(
                "analysts/assessment", "claims", "fences", "actions", "dispatch", "undo", "reopening", "queue_heads"
            ),
            *_beside("analysts/assessment", "entering", "merging", "bulk", "queue_pages", "second_review"),
            *_beside("analysts/incidents", "portals_of_incidents"),
            *_beside("analysts/handoff", "batches"),
            *_beside("analysts/pages", "held_work"),
            DIAGRAMS,
        ),
    ),
    Place(
        "reports that come again",
        ("analysts/assessment/intake/reopening.py", "analysts/assessment/actions/merging.py"),
        (
            *_beside("analysts/assessment", "reopening", "merging", "intake", "merge_pages", "rechecking", "undo"),
            *_beside("analysts/assessment", "accounts", "compared", "decision_pages"),
            *_beside("analysts/handoff", "batches"),
            *_beside("analysts/takedown/chasing", "chase_rules"),
        ),
    ),
    Place(
        "states of portals",
        ("countries/states.py", "countries/transitions.py"),
        (
            *_beside("countries/staff/workspace", "lifecycle", "emergency", "state_page"),
            *_beside("countries/public", "leading_on"),
            DIAGRAMS,
        ),
    ),
    Place(
        "sealing and receipts",
        tuple(f"reports/{name}.py" for name in ("sealing", "keys", "installation_keys", "receipts", "tokens")),
        (
            *_beside("reports", "sealing", "keys", "receipts", "tokens"),
            *_beside("analysts/incidents", "masks"),
            *_beside("analysts/handoff", "key_purposes"),
            *_beside("analysts/retention", "rotation", "erasure"),
            *_beside("portal_site", "health"),
            "portal_site/tests/test_public_role.py::test_largest_genuine_envelopes_are_within_the_limits",
        ),
    ),
    Place(
        "sealed contents",
        ("analysts/incidents/contents/opening.py", "analysts/exports/files.py", "analysts/handoff/sealed_lines.py"),
        (
            *_beside("analysts/retention", "sealed", "rotation", "erasure"),
            *_beside("analysts/incidents", "masks"),
            *_beside("analysts/exports", "exports"),
            *_beside("analysts/handoff", "batches", "hostile_results", "workstations"),
            *_beside("analysts/assessment", "intake", "questions"),
            *_beside("analysts/incidents", "one_opener", "opening", "near_duplicates", "notes"),
            *_beside("analysts/welfare", "meter"),
            *_beside("analysts/takedown/facts", "redaction"),
            *_beside("analysts/takedown/url_list", "url_list"),
            *_beside("analysts/takedown/notices", "sending", "replies"),
        ),
    ),
    Place(
        "retention",
        ("analysts/retention/sealed.py", "analysts/retention/resealing.py", "analysts/retention/erasure.py"),
        (
            *_beside("analysts/retention", "retention", "erasure", "rotation", "holds", "sealed", "keys_page"),
            *_beside("analysts/incidents", "daily_cleanup", "masks", "notes"),
            *_beside("analysts/assessment", "accounts"),
            *_beside("analysts/takedown/notices", "replies"),
        ),
    ),
    Place(
        "audit chain",
        ("audit/chain.py", "audit/anchors.py"),
        (
            *_beside("audit", "chain", "anchors", "bounds", "actions", "admin"),
            *_beside("analysts/handoff", "key_purposes"),
            *_beside("analysts/retention", "anchoring"),
        ),
    ),
)
# The functions of the migrated database and the triggers that call them, by the beginnings of the functions' names.
SQL_PLACES = (
    Place("rules of the record", ("audit",), _beside("audit", "bounds", "actions", "chain")),
    Place(
        "rules of reports",
        ("reports",),
        (
            *_beside("reports", "keys", "outcomes", "views_status", "views_report", "views_notice"),
            *_beside("analysts/retention", "sealed", "erasure"),
        ),
    ),
    Place(
        "rules of portals",
        ("countries",),
        (
            *_beside("analysts/accounts", "modes"),
            *_beside("countries/staff/translation", "translation_actions", "standard_words"),
            *_beside("analysts/figures", "publication"),
            *_beside("analysts/assessment", "words_release"),
            *_beside("countries/public", "statistics"),
            *_beside("portal_site", "verifications"),
        ),
    ),
    Place(
        "values that incidents are listed by",
        ("analysts_facet", "analysts_list_facets", "analysts_update_facets", "analysts_incident_changed"),
        (
            *_beside("analysts/incidents", "trigger_conditions", "facets"),
            *_beside("analysts/pages", "counts_agree", "incident_list"),
        ),
    ),
    Place(
        "heads of the queue",
        ("analysts_advance_queue_heads", "analysts_note_queue"),
        (
            *_beside("analysts/incidents", "trigger_conditions"),
            *_beside("analysts/assessment", "queue_heads", "dispatch"),
        ),
    ),
    Place(
        "portals of incidents",
        ("analysts_keep_portals", "analysts_portal", "analysts_sight", "analysts_address"),
        (
            *_beside("analysts/incidents", "portals_of_incidents", "trigger_conditions", "facets"),
            *_beside("analysts/assessment", "entering", "merging"),
        ),
    ),
    Place(
        "second persons in the database",
        (
            "analysts_refuse_second",
            "analysts_keep_vouching",
            "analysts_note_changed",
            "analysts_keep_recipient",
            "analysts_refuse_unannounced",
        ),
        (
            *_beside("portal_site", "second_persons"),
            *_beside("analysts/accounts", "vouching", "account_approvals"),
            *_beside("analysts/assessment", "second_review", "words_release"),
            *_beside("analysts/takedown/inbox", "inbox_access"),
        ),
    ),
    Place(
        "floods in the database",
        ("analysts_refuse_unseen", "analysts_refuse_wrong", "analysts_has_illegal"),
        _beside("analysts/assessment", "bulk", "floods"),
    ),
    Place(
        "rows that are kept",
        ("analysts_refuse_change", "analysts_check_appeal", "analysts_number_hosting"),
        (
            *_beside("analysts/incidents", "constraints", "trigger_conditions"),
            *_beside("analysts/assessment", "appeals", "bulk"),
            *_beside("analysts/figures", "closing"),
            *_beside("portal_site", "verifications"),
        ),
    ),
)
