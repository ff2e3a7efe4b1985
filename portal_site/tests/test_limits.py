"""Limits that protect people, counts and secrets: each by its value, so that none moves without being decided."""

import ast
from datetime import timedelta
from importlib import import_module

import pytest

from portal_site.environment import PROJECT
from tests.mutation.places import PLACES

# By module of the places where a bug does harm: every number and duration that has a name.
LIMITS: dict[str, dict[str, float | timedelta]] = {
    # More would let a search read out what is stored.
    "analysts.search.lookups": {"MOST_SHOWN": 30, "MOST_RECIPIENTS": 10},
    "analysts.search.limits": {"HOUR": timedelta(hours=1), "SHOWN_FOR": timedelta(days=1)},
    "analysts.search.terms": {"LONGEST_NAME": 120, "MOST_WORDS": 8},
    "analysts.handoff.allowances": {"MOST_ASKED": 200},
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
    "analysts.assessment.actions.claims": {"CLAIMS_PER_ADVANCE": 64},
    "analysts.assessment.intake.reopening": {"HOUR": timedelta(hours=1)},
    # The sizes of the format: what is stored was sealed with them.
    "reports.sealing": {
        "SMALLEST_CLASS": 1024, "LENGTH_BYTES": 4, "LARGEST_CLASS": 262_144, "LARGEST_REPLY_CLASS": 32_768,
        "OVERHEAD_BYTES": 1137, "MLKEM_PUBLIC_BYTES": 1184, "PUBLIC_BYTES": 1216, "MLKEM_SEED_BYTES": 64,
        "PRIVATE_BYTES": 96, "MASK_KEY_BYTES": 32, "NONCE_BYTES": 12, "SMALLEST_MASK": 64,
    },
    "reports.keys": {"MONTHS_AHEAD": 13, "FORMER_RESULTS": timedelta(days=14)},
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


def numbers_of(path: str) -> dict[str, float | timedelta]:
    module = import_module(path.removesuffix(".py").replace("/", "."))
    targets = [node.targets[0] for node in ast.parse((PROJECT / path).read_text()).body if isinstance(node, ast.Assign)]
    values = {target.id: getattr(module, target.id) for target in targets if isinstance(target, ast.Name)}
    return {name: value for name, value in values.items() if isinstance(value, int | float | timedelta)}


@pytest.mark.parametrize(
    "path",
    sorted(str(path.relative_to(PROJECT)) for place in PLACES for name in place.files for path in PROJECT.glob(name)),
)
def test_each_limit_has_the_value_that_was_decided(path: str) -> None:
    assert numbers_of(path) == LIMITS.get(path.removesuffix(".py").replace("/", "."), {})
