"""Limits and lists that protect people, counts and secrets: each by its value, so that none moves undecided."""

import ast
from collections.abc import Iterator
from datetime import timedelta
from enum import Enum
from importlib import import_module

import pytest

from analysts.accounts.access import Who
from analysts.codes import Role
from portal_site.environment import PROJECT
from tests.mutation.places import PLACES
from tests.rig.routes import METHODS

# By module of the places where a bug does harm: every number and duration that has a name.
LIMITS: dict[str, dict[str, float | timedelta]] = {
    # More would let a search read out what is stored.
    "analysts.search.lookups": {"MOST_SHOWN": 30, "MOST_RECIPIENTS": 10},
    "analysts.search.limits": {"HOUR": timedelta(hours=1), "SHOWN_FOR": timedelta(days=1)},
    "analysts.search.terms": {"LONGEST_NAME": 120, "MOST_WORDS": 8},
    "analysts.handoff.allowances": {"MOST_ASKED": 200},
    # So long an auditor reads whose an id in the audit log is.
    "analysts.accounts.log_ids.requests": {"SHOWN_FOR": timedelta(hours=24)},
    # So long may a child in danger lie in a hand.
    "analysts.incidents.locking": {"DANGER_CLAIM": timedelta(minutes=10)},
    # Waits after the third failed attempt: 2 seconds, doubled, below 15 minutes; browsers are known for half a year.
    "analysts.accounts.sign_in.delays": {
        "FREE": 3, "FIRST_WAIT": 2, "LONGEST_WAIT": 899, "MOST_COUNTED": 1000, "FORGET": timedelta(days=1),
        "MOST_KNOWN": 8, "KNOWN_DAYS": 180,
    },
    # The second choice of RFC 9106 for Argon2id.
    "analysts.accounts.sign_in.password_checks": {"MEMORY_KIB": 65_536, "PASSES": 3, "LANES": 4, "RETRY_SECONDS": 5},
    "reports.rate_limit": {"HUMAN": timedelta(seconds=2), "SECONDS_BETWEEN_LINES": 3600.0},
    "portal_site.database.roles": {"PUBLIC_CONNECTIONS": 60},
    # As public pages state them; other values are another version of the rules.
    "countries.disclosure": {
        "LEAST_SHOWN": 10, "BASE": 5, "KEYS": 256, "FEWEST_PEOPLE": 3, "FEWEST_NOTIFIED": 3, "FEWEST_PAIRS": 20,
        "MOST_NOISE": 5, "LEAST_RANGE": 10, "LEAST_RANGE_OF_SMALL": 5, "RULES": 2, "UNBOUNDED": 10**9,
        "MOST_ROUNDS": 100,
    },
    "analysts.figures.publication": {"NETWORK": 0},
    "analysts.assessment.actions.claims": {"CLAIMS_PER_ADVANCE": 64, "EXITS_RECORDED": timedelta(days=7)},
    "analysts.assessment.intake.reopening": {"HOUR": timedelta(hours=1)},
    # The sizes of the format: what is stored was sealed with them.
    "reports.sealing": {
        "SMALLEST_CLASS": 1024, "LENGTH_BYTES": 4, "LARGEST_CLASS": 262_144, "LARGEST_REPLY_CLASS": 32_768,
        "OVERHEAD_BYTES": 1137, "MLKEM_PUBLIC_BYTES": 1184, "PUBLIC_BYTES": 1216, "MLKEM_SEED_BYTES": 64,
        "PRIVATE_BYTES": 96, "MASK_KEY_BYTES": 32, "NONCE_BYTES": 12, "SMALLEST_MASK": 64,
    },
    "reports.keys": {"MONTHS_AHEAD": 13},
    "reports.installation_keys": {"FORMER_RESULTS": timedelta(days=14)},
    "reports.receipts": {
        "NONCE_BYTES": 16, "PAYLOAD_LENGTH": 20, "CODE_LENGTH": 21, "GROUP_LENGTH": 3, "LONGEST_TYPED": 200,
    },
    "reports.tokens": {"MAX_AGE": timedelta(days=1), "LONGEST_TOKEN": 256},
    "analysts.incidents.contents": {"MOST_SPELLINGS": 10, "MOST_REMEMBERED": 1000},
    # As spreadsheet programs have them, less the heading.
    "analysts.exports.files": {
        "PART_BYTES": 4_194_304, "LEVEL": 1, "MOST_SHEET_ROWS": 1_048_575, "LONGEST_CELL": 32_767,
    },
    "analysts.retention.resealing": {"BATCH": 200, "PATIENCE": 5},
    # Processes of two releases must mean the same lock.
    "analysts.retention.erasure": {"ERASURE_LOCK": 435_710_686_053, "RUN_LOCK": 1_952_804_452},
    "audit.chain": {"MOST_FAULTS": 1000},
    "audit.anchors": {"MODE": 0o640},
}  # fmt: skip

EVERY_ROLE = " ".join(sorted(Role))
# By module of these places: who passes its checks, and each other list of codes or methods that has a name.
LISTS: dict[str, dict[str, str]] = {
    "analysts.accounts.access": {
        "GET": "GET", "READ": "GET HEAD", "SEND": "POST", "BOTH": "GET HEAD POST", "STAFF": EVERY_ROLE,
        "ANYBODY": f"{EVERY_ROLE} strangers", "NO_ROLE": "", "MEMBERS": "members",
    },
    "analysts.accounts.permissions": {
        "ADMINISTRATORS": "administrator", "OPERATORS": "operator",
        "AUDITORS": "auditor", "PORTAL_READERS": "operator partner", "WORDS_READERS": "operator translator",
    },
    "analysts.assessment.intake.reopening": {"CLEARED": "not_illegal outside_remit"},
    "analysts.assessment.permissions": {
        "CODE_READERS": "analyst auditor operator senior", "CODE_CORRECTORS": "operator",
        "AGREEMENT_READERS": "auditor senior",
    },
    "analysts.exports.permissions": {"EXPORTERS": "analyst auditor recipient senior"},
    "analysts.figures.permissions": {
        "FIGURE_READERS": "senior", "TARGET_SETTERS": "operator", "PORTAL_FIGURE_READERS": "partner",
        "INDEPENDENCE_WRITERS": "administrator operator", "SHEET_READERS": "auditor operator senior",
    },
    "analysts.figures.publication": {"VERDICTS": "illegal not_assessed not_illegal outside_remit"},
    "analysts.handoff.permissions": {"WORKSTATION_KEEPERS": "administrator"},
    "analysts.imports.permissions": {"IMPORTERS": "senior"},
    "analysts.incidents.permissions": {"ANALYSTS": "analyst senior"},
    "analysts.retention.permissions": {"SENIORS": "senior", "KEY_READERS": "administrator senior"},
    "analysts.sources.permissions": {
        "SOURCE_KEEPERS": "operator", "SOURCE_READERS": "operator senior", "SHARE_READERS": "senior",
    },
    "analysts.takedown.alerts.permissions": {
        "ALERTED": "child_helpline emergency other police", "WRITTEN_TO": "police protection", "SENIORS": "senior",
    },
    "analysts.accounts.log_ids.requests": {"RESOLVERS": "administrator auditor"},
    "analysts.takedown.appeals.permissions": {"REVIEWERS": "senior"},
    "analysts.takedown.inbox.permissions": {
        "INBOX_READERS": "recipient", "ACCESS_SUSPENDERS": "administrator senior",
    },
    "analysts.takedown.legal.permissions": {"LAW_WRITERS": "operator"},
    "analysts.takedown.notices.permissions": {"TEXT_READERS": "analyst operator senior", "TEXT_WRITERS": "operator"},
    "analysts.takedown.recipients.permissions": {
        "RECIPIENT_READERS": "analyst operator senior", "RECIPIENT_EDITORS": "operator",
        "RECIPIENT_VERIFIERS": "operator senior",
    },
    "analysts.takedown.routing.permissions": {"RULE_READERS": "analyst auditor senior", "RULE_KEEPERS": "operator"},
    "analysts.takedown.systemic_cases.permissions": {"ANSWERERS": "senior"},
    "analysts.takedown.url_list.permissions": {
        "LIST_READERS": "analyst operator senior", "MEMBER_KEEPERS": "operator senior",
    },
    "analysts.welfare.permissions": {"WELFARE_LEADS": "welfare", "TERM_KEEPERS": "senior welfare"},
}  # fmt: skip


def values_of(path: str) -> Iterator[tuple[str, object]]:
    """Each constant that the file gives a value."""
    module = import_module(path.removesuffix(".py").replace("/", "."))
    for node in ast.parse((PROJECT / path).read_text()).body:
        if isinstance(node, ast.Assign | ast.AnnAssign):
            target = node.targets[0] if isinstance(node, ast.Assign) else node.target
            names = [name.id for name in ast.walk(target) if isinstance(name, ast.Name)]
            yield from ((name, getattr(module, name)) for name in names)


def list_codes(value: object) -> str | None:
    """None where the value is no list of codes."""
    if isinstance(value, Who):
        flags = [flag for flag in ("strangers", "members") if getattr(value, flag)]
        return " ".join([*sorted(value.roles), *flags])
    if not isinstance(value, tuple | list | frozenset):
        return None
    is_codes = value and all(isinstance(code, Enum) or code in METHODS for code in value)
    return " ".join(sorted(map(str, value))) if is_codes else None


@pytest.mark.parametrize(
    "path",
    sorted(str(path.relative_to(PROJECT)) for place in PLACES for name in place.files for path in PROJECT.glob(name)),
)
def test_each_limit_has_the_value_that_was_decided(path: str) -> None:
    values, name = dict(values_of(path)), path.removesuffix(".py").replace("/", ".")
    numbers = {key: value for key, value in values.items() if isinstance(value, int | float | timedelta)}
    assert numbers == LIMITS.get(name, {})
    codes = {key: text for key, value in values.items() if (text := list_codes(value)) is not None}
    assert codes == LISTS.get(name, {})
