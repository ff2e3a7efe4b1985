"""Every action that the code records in the audit log has a label. Actions are found in the source."""

import ast
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings

from audit.labels import ACTIONS
from countries.states import Verb

ROOT = Path(settings.BASE_DIR)
APPS = ("audit", "countries", "reports", "analysts", "portal_site")
# Functions that record an audit event, and where their call names the action: by keyword, or at that position.
WRITERS: dict[str, str | int] = {
    "record_event": "action",
    "record_view": "action",
    "record_act": 0,
    "_record_event": 1,
    "record_save": 1,
    "_record_act": 1,
    "_record_save": 1,
    "record_failure": 1,
}
# These prefix the action with a noun.
NOUN = {"record_act": "incident."}
# Names known only at run time: the place, and their possible values. Empty where a writer passes on its argument.
NAMED_LATER: dict[tuple[str, str], list[str]] = {
    ("audit/actions.py", "action"): [],
    ("analysts/incidents/locking.py", "incident."): [],
    ("analysts/accounts/admin.py", "action"): [],
    ("analysts/accounts/coverage.py", "action"): [
        *("coverage.lost", "coverage.restored", "coverage.language_lost", "coverage.language_restored"),
    ],
    ("analysts/retention/anchoring.py", "ANCHORED"): ["audit.anchor"],
    ("analysts/retention/anchoring.py", "AT_FAULT"): ["audit.fault"],
    ("analysts/takedown/legal/texts.py", "action"): ["legal_text.change", "legal_text.add"],
    ("analysts/takedown/routing/table.py", "action"): ["route_rule.change", "route_rule.add"],
    ("analysts/accounts/sign_in/adapters.py", "action"): [],
    ("analysts/accounts/sign_in/forms.py", "failure"): ["user.second_factor_fail", "user.reauthenticate_fail"],
    ("analysts/accounts/sign_in/views.py", "action"): ["user.add_factor", "user.remove_factor"],
    ("analysts/welfare/masked_terms.py", "action"): ["masked_term.change", "masked_term.add"],
    ("analysts/handoff/batch_ends.py", "batch."): ["batch.late", "batch.returned", "batch.revoked"],
    ("analysts/takedown/notices/replies/intake.py", "action"): ["notice.record_reply", "notice.answered"],
    ("countries/staff/workspace/admin.py", "action"): [],
    ("countries/staff/document/second_operator.py", "action"): [
        f"{rows}.{act}" for rows in ("help_service", "language") for act in ("add", "change")
    ],
    ("countries/staff/requests/approvals.py", "action"): [],
    ("countries/staff/workspace/lifecycle.py", "portal."): [f"portal.{verb}" for verb in Verb],
}


def calls() -> Iterator[tuple[str, str, ast.expr]]:
    """(file, writer, the action's expression) of every call of a writer."""
    for path in (path for app in APPS for path in sorted((ROOT / app).rglob("*.py")) if "tests" not in path.parts):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name) or node.func.id not in WRITERS:
                continue
            place = WRITERS[node.func.id]
            if isinstance(place, int):
                yield path.relative_to(ROOT).as_posix(), node.func.id, node.args[place]
            else:
                yield from (
                    (path.relative_to(ROOT).as_posix(), node.func.id, keyword.value)
                    for keyword in node.keywords
                    if keyword.arg == place
                )


def recorded() -> tuple[set[str], set[str]]:
    """The actions found, and the places where an action could not be read."""
    found: set[str] = set()
    unread: set[str] = set()
    for path, writer, action in calls():
        match action:
            case ast.Constant(value=str(code)):
                found.add(NOUN.get(writer, "") + code)
            case ast.Name(id=name) | ast.JoinedStr(values=[ast.Constant(value=str(name)), *_]):
                if (path, name) in NAMED_LATER:
                    found.update(NAMED_LATER[path, name])
                else:
                    unread.add(f"{path}:{action.lineno} {name}")
            case _:
                unread.add(f"{path}:{action.lineno}")
    return found, unread


def test_every_action_on_the_record_has_a_label() -> None:
    found, unread = recorded()

    assert unread == set(), "say in NAMED_LATER what these can be"
    assert found - {*ACTIONS} == set(), "say in audit/labels.py what these mean"
    assert len(found) > 50


def test_every_labelled_audit_action_is_recorded_in_the_code() -> None:
    assert {*ACTIONS} - recorded()[0] == set()
