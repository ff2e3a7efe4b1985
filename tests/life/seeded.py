"""Bugs seeded on purpose, each of which the model has to find: `python -m tests.life.seeded [NAME ...]`.

A bug is a patch of one function of the product, in force while the model runs. `test_seeded.py` runs one of them in
`make test`, and all of them where LIFE_SEEDED is set, as the command does.
"""

import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from unittest.mock import patch

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True, slots=True)
class SeededBug:
    """`breaks`: what goes wrong, in a sentence."""

    name: str
    breaks: str
    apply: Callable[[], AbstractContextManager[object]]


@contextmanager
def _after(owner: object, name: str, then: Callable[..., Any]) -> Iterator[None]:
    """`then` gets the result of the function and its arguments, and returns the result instead."""
    original = getattr(owner, name)

    def changed(*args: Any, **kwargs: Any) -> Any:
        return then(original(*args, **kwargs), *args, **kwargs)

    with patch.object(owner, name, changed):
        yield


@contextmanager
def _refused_without_next_step() -> Iterator[None]:
    from analysts.models import Clearance, NextStep  # noqa: PLC0415 - models, which the command does not load
    from analysts.takedown.routing import actions  # noqa: PLC0415 - the same

    def forget(hold: Any, *_: object, **__: object) -> Any:
        if hold.answer == Clearance.REFUSED:
            NextStep.objects.filter(incident=hold.incident_id).delete()
        return hold

    with _after(actions, "record_clearance", forget):
        yield


def _clock_before_sending() -> AbstractContextManager[object]:
    from analysts.takedown.routing import referrals  # noqa: PLC0415 - the same

    def start_clock(hold: Any, *_: object, now: datetime, **__: object) -> Any:
        hold.sent_at = now
        hold.save(update_fields=["sent_at"])
        return hold

    return _after(referrals, "request_clearance", start_clock)


def _hour_of_closing() -> AbstractContextManager[object]:
    """The hour of a report is compared with the exact time of the closing."""
    from analysts.assessment.intake import reopening  # noqa: PLC0415 - the same

    return patch.object(reopening, "HOUR", timedelta())


def _typed_time() -> AbstractContextManager[object]:
    from analysts.models import AvailabilityCheck  # noqa: PLC0415 - the same

    create = AvailabilityCheck.objects.create

    def create_typed(**fields: Any) -> AvailabilityCheck:
        return create(**{**fields, "at": fields["stated_at"] or fields["at"]})

    return patch.object(AvailabilityCheck.objects, "create", create_typed)


def _silent_portal() -> AbstractContextManager[object]:
    from analysts.accounts import coverage  # noqa: PLC0415 - the same

    return patch.object(coverage, "uncovered_portals", list)


def _lost_alarm() -> AbstractContextManager[object]:
    from analysts.accounts import alarms  # noqa: PLC0415 - the same
    from analysts.models import Alarm  # noqa: PLC0415 - the same

    def give_up(is_done: bool, alarm: Alarm, *_: object) -> bool:
        if not is_done:
            Alarm.objects.filter(pk=alarm.pk).delete()
        return is_done

    return _after(alarms, "_attempt_delivery", give_up)


def _greedy_flood() -> AbstractContextManager[object]:
    """All pages of a site have one pattern."""
    from analysts.incidents import near_duplicates  # noqa: PLC0415 - the same

    return patch.object(near_duplicates, "shape_of_address", lambda address: address.host)


def _unopened_sample() -> AbstractContextManager[object]:
    from analysts.assessment import permissions  # noqa: PLC0415 - the same

    return patch.object(permissions, "check_can_close_flood", lambda user, sample, _verdict: _use(user, sample))


def _use(user: Any, sample: Any) -> None:
    from analysts.assessment import permissions  # noqa: PLC0415 - the same

    permissions.check_can_use_sample(user, sample)


def _version_goes_back() -> AbstractContextManager[object]:
    from analysts.models import UrlListState  # noqa: PLC0415 - the same
    from analysts.takedown.url_list import entries  # noqa: PLC0415 - the same

    def go_back(version: int) -> int:
        if version == 2:
            UrlListState.objects.filter(pk=1).update(version=0)
        return version

    return _after(entries, "next_version", go_back)


def _acted_with_nothing_sent() -> AbstractContextManager[object]:
    from analysts.assessment import publishing  # noqa: PLC0415 - the same

    def claim_action(facts: Any, *_: object) -> Any:
        return replace(facts, notice_left=facts.assessment_begun)

    return _after(publishing, "facts_of", claim_action)


def _denial_forgotten() -> AbstractContextManager[object]:
    """A reply "not with us" leaves nothing but itself to read."""
    from analysts.takedown.notices.replies import intake  # noqa: PLC0415 - the same

    return patch.object(intake, "note_denial")


def _answer_on_wrong_address() -> AbstractContextManager[object]:
    """An answer about one address of a letter is an appeal about each of them."""
    from analysts.models import Incident  # noqa: PLC0415 - the same
    from analysts.takedown.appeals.actions import file_appeals  # noqa: PLC0415 - the same
    from analysts.takedown.notices.replies import intake  # noqa: PLC0415 - the same

    def file_all(reply: Any, _incidents: object, *, now: datetime) -> int:
        incidents = Incident.objects.filter(notice_items__notice=reply.notice, notice_items__dropped="")
        return file_appeals(reply, list(incidents.values_list("pk", flat=True)), now=now)

    return patch.object(intake, "file_appeals", file_all)


@contextmanager
def _old_claim_counts() -> Iterator[None]:
    from analysts.assessment.actions import claims, decisions  # noqa: PLC0415 - the same

    with patch.object(claims, "check_fence"), patch.object(decisions, "check_fence"):
        yield


@contextmanager
def _unseen_notice() -> Iterator[None]:
    from analysts.takedown.notices import actions, pre_send_checks  # noqa: PLC0415 - the same

    with (
        patch.object(actions, "waits_for_look", lambda *_: False),
        patch.object(pre_send_checks, "waits_for_look", lambda *_: False),
    ):
        yield


def _silent_withdrawal() -> AbstractContextManager[object]:
    from analysts.assessment.actions import decisions  # noqa: PLC0415 - the same

    return patch.object(decisions, "update_corrections", lambda *_, **__: None)


def _long_danger_claim() -> AbstractContextManager[object]:
    from analysts.assessment.actions import claims  # noqa: PLC0415 - the same

    return patch.object(claims, "claim_end", lambda _incident, now: now + timedelta(minutes=30))


def _number_for_lead() -> AbstractContextManager[object]:
    from analysts.welfare import views  # noqa: PLC0415 - the same

    return patch.object(views, "is_overdue", lambda due, today: (today - due).days if due else 0)


BUGS: tuple[SeededBug, ...] = (
    SeededBug("refusal", "A refusal of the police leaves no next step.", _refused_without_next_step),
    SeededBug("clearance_clock", "The time of a clearance request starts before it is sent.", _clock_before_sending),
    SeededBug("hour_of_closing", "A report in the hour of closing does not reopen.", _hour_of_closing),
    SeededBug("typed_time", "A check counts by the time that was typed.", _typed_time),
    SeededBug("silent_portal", "A portal without analysts raises no alarm.", _silent_portal),
    SeededBug("lost_alarm", "The mail about a child in danger is lost after a failure.", _lost_alarm),
    SeededBug("greedy_flood", "A flood folds a different page of the site.", _greedy_flood),
    SeededBug("unopened_sample", "A flood is closed though its sample was not opened.", _unopened_sample),
    SeededBug("version_goes_back", "The version of the URL list goes back.", _version_goes_back),
    SeededBug(
        "acted_receipt", "A receipt says that the hotline has acted with nothing sent.", _acted_with_nothing_sent
    ),
    SeededBug("unseen_notice", "A first notice leaves though its content was not seen.", _unseen_notice),
    SeededBug("silent_withdrawal", "A verdict is withdrawn and no recipient is informed.", _silent_withdrawal),
    SeededBug("old_claim", "A claim that has ended still counts.", _old_claim_counts),
    SeededBug("denial_forgotten", "A reply “not with us” is forgotten once it is read.", _denial_forgotten),
    SeededBug("long_danger_claim", "A claim on a child in danger lasts as long as any other.", _long_danger_claim),
    SeededBug("number_for_lead", "A lead sees by how many days one person's counselling is overdue.", _number_for_lead),
    SeededBug("wrong_address", "An answer about one address is counted for another.", _answer_on_wrong_address),
)
BY_NAME = {bug.name: bug for bug in BUGS}


# Printed by `run_model`.
REPLAY = re.compile(r"LIFE_STEPS=(\d+) LIFE_REPLAY=(\S+)")


def main() -> None:
    """Run each bug in a process of its own and replay what finds it, and the control, which has none.

    Exit code 1 where the model does not find a bug, or something in the control.
    """
    names = sys.argv[1:] or list(BY_NAME)
    found = 0
    for name in names:
        began = time.monotonic()
        first = _run_test(f"test_bug_is_found[{name}]")
        seconds, result = time.monotonic() - began, "NOT FOUND"
        if first.returncode == 0 and (replay := REPLAY.search(first.stdout)):
            began = time.monotonic()
            again = _run_test(f"test_bug_is_found[{name}]", LIFE_STEPS=replay[1], LIFE_REPLAY=replay[2])
            is_found = again.returncode == 0
            found += is_found
            result = f"replayed in {time.monotonic() - began:.0f} s: {replay[0]}" if is_found else "NOT REPLAYED"
        _print_line(f"{name} ({BY_NAME[name].breaks}) {seconds:.0f} s, {result}")
    control = _run_test("test_nothing_is_found_without_a_bug")
    _print_line(f"found {found} of {len(names)}; without a bug: {'FAILED' if control.returncode else 'nothing'}")
    sys.exit(found < len(names) or control.returncode)


def _run_test(name: str, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "pytest", "-q", "-s", "-n", "0", f"tests/life/test_seeded.py::{name}"]
    environment = {**os.environ, "LIFE_SEEDED": "1", **environment}
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)


def _print_line(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
