"""The work on one batch: what is revealed, drafts, limits, rotation, and the results."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from workstation.result_rules import FormValues, find_faults, is_check, needs_verdict, traces_of, value_of
from workstation.sealed_file import JsonObject, OpenBatch


class NotNow(Exception):
    """Refused; the message is for the person at the workstation."""


def as_moment(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


@dataclass(slots=True)
class BatchWork:
    """`saved`: what the store keeps encrypted; `save` writes it after each change.

    Only one incident is revealed at a time, and only in memory: after a restart all are masked.
    """

    batch: OpenBatch
    saved: JsonObject
    save: Callable[[JsonObject], None]
    revealed: str = ""
    # The reporters' words, and among them those that are masked.
    shows_reports: bool = False
    shows_words: bool = False
    last_input: datetime | None = None
    limits: JsonObject = field(init=False)

    def __post_init__(self) -> None:
        self.limits = self.batch.head["limits"]
        for name, value in (("drafts", {}), ("order", []), ("exposure", 0), ("since_break", None), ("break_until", "")):
            self.saved.setdefault(name, value)
        if self.saved["since_break"] is None:
            self.saved["since_break"] = self.limits["since_break"]

    # --- Incidents and drafts -------------------------------------------------------------------------

    def incident(self, number: int) -> JsonObject:
        for incident in self.batch.incidents:
            if incident["number"] == number:
                return incident
        raise NotNow("There is no such incident in this batch.")

    def draft(self, incident: JsonObject) -> JsonObject:
        """`fields`: what was typed; `state`: "", done or skipped; `seconds`: how long it was revealed."""
        return self._draft_of(incident["item"])

    def _draft_of(self, item: str) -> JsonObject:
        draft: JsonObject = self.saved["drafts"].setdefault(item, {"fields": {}, "state": "", "seconds": 0, "at": ""})
        return draft

    def state_of(self, incident: JsonObject) -> str:
        state: str = self.saved["drafts"].get(incident["item"], {}).get("state", "")
        return state

    @property
    def open_incidents(self) -> list[JsonObject]:
        return [incident for incident in self.batch.incidents if not self.state_of(incident)]

    def keep_draft(self, incident: JsonObject, values: FormValues) -> None:
        self.draft(incident)["fields"] = {name: list(items) for name, items in values.items() if any(items)}
        self.save(self.saved)

    def finish(self, incident: JsonObject, values: FormValues, *, now: datetime) -> list[str]:
        """Keep the result and return the faults that prevent it."""
        self.keep_draft(incident, values)
        faults = find_faults(self.batch.head, incident, values)
        if not faults:
            self._end(incident, "done", now=now)
        return faults

    def skip(self, incident: JsonObject, *, now: datetime) -> None:
        self._end(incident, "skipped", now=now)

    def _end(self, incident: JsonObject, state: str, *, now: datetime) -> None:
        draft = self.draft(incident)
        draft["state"], draft["at"] = state, as_moment(now)
        order: list[str] = self.saved["order"]
        self.saved["order"] = [item for item in order if item != incident["item"]] + [incident["item"]]
        self.hide(now=now)
        self.save(self.saved)

    # --- Reveal, hide, and the time between -----------------------------------------------------------

    def reveal(self, incident: JsonObject, *, now: datetime) -> None:
        """Raises NotNow past a limit."""
        self.hide(now=now)
        if reason := self.blocked(now=now):
            raise NotNow(reason)
        self.revealed, self.shows_words, self.last_input = incident["item"], False, now
        self.shows_reports = bool(incident.get("words_first"))

    def show_words(self, incident: JsonObject, *, masked: bool) -> None:
        """Show the reporters' words about a revealed incident, or the masked ones among them."""
        if self.revealed == incident["item"]:
            self.shows_reports = True
            self.shows_words = self.shows_words or masked

    def hide(self, *, now: datetime) -> None:
        self.count_time(now=now)
        self.revealed, self.last_input = "", None

    def count_time(self, *, now: datetime) -> None:
        """Add the time since the last input to the incident and the limits; after `hide_after` it is hidden."""
        if not self.revealed or self.last_input is None:
            return
        passed = max(0, int((now - self.last_input).total_seconds()))
        counted = min(passed, self.limits["hide_after"])
        self._draft_of(self.revealed)["seconds"] += counted
        self.saved["exposure"] += counted
        self.saved["since_break"] += counted
        self.last_input = self.last_input + timedelta(seconds=passed)
        if passed >= self.limits["hide_after"] or self.blocked(now=now):
            self.revealed, self.last_input = "", None
        if counted:
            self.save(self.saved)

    # --- Limits and rotation --------------------------------------------------------------------------

    def blocked(self, *, now: datetime) -> str:
        """Why nothing is shown now; "" if it may be."""
        cut_off = self.limits.get("cut_off")
        if now >= datetime.fromisoformat(self.batch.head["until"]):
            return "The time of this batch is over. Its incidents are back in the queue, and results are refused."
        if cut_off and now >= datetime.fromisoformat(cut_off):
            return "The working day has ended. Write the results and return them."
        if self.saved["exposure"] >= self.limits["budget"]:
            return "The exposure limit of the day is reached. Write the results and return them."
        if self.break_until and now < self.break_until:
            return f"You are on a break until {self.break_until.astimezone():%H:%M}."
        if self.saved["since_break"] >= self.limits["break_after"]:
            return "A break is due."
        return ""

    @property
    def break_until(self) -> datetime | None:
        until = self.saved["break_until"]
        return datetime.fromisoformat(until) if until else None

    def begin_break(self, *, now: datetime) -> None:
        self.hide(now=now)
        self.saved["break_until"] = as_moment(now + timedelta(seconds=self.limits["break_length"]))
        self.saved["since_break"] = 0
        self.save(self.saved)

    def next_incident(self) -> JsonObject | None:
        """The next by the order of the batch and by rotation; None if only those are left that rotation passes over.

        After several of category A, or of one site, in a row, a different one follows, as on the staff site.
        """
        severe, site = self._had_enough()
        for incident in self.open_incidents:
            expects_severe = "severe" in (*incident["warnings"], *incident["warnings_of_site"])
            if not (severe and expects_severe) and not (site and incident["site"] == site):
                return incident
        return None

    def reveal_next_check(self, before: JsonObject, *, now: datetime) -> None:
        """Reveal the check that follows another at once, unless a content warning has to be read first."""
        upcoming = self.next_incident()
        if upcoming is None or not (is_check(before) and is_check(upcoming)) or self.blocked(now=now):
            return
        if not (upcoming["warnings"] or upcoming["warnings_of_site"]):
            self.reveal(upcoming, now=now)

    def _had_enough(self) -> tuple[bool, int]:
        """Whether the last ones were all of category A, and the site that they were all of; 0 if none."""
        by_item = {incident["item"]: incident for incident in self.batch.incidents}
        finished = [item for item in reversed(self.saved["order"]) if self.saved["drafts"][item]["state"] == "done"]
        severe, of_site = self.limits["severe_in_a_row"], self.limits["site_in_a_row"]
        severities = [self.saved["drafts"][item]["fields"].get("severity", [""])[0] for item in finished[:severe]]
        sites = {by_item[item]["site"] for item in finished[:of_site] if item in by_item}
        only = sites.pop() if len(finished) >= of_site and len(sites) == 1 else 0
        return len(finished) >= severe and set(severities) == {"A"}, only

    # --- Results --------------------------------------------------------------------------------------

    def results(self) -> list[JsonObject]:
        """The results so far, in the order of the batch."""
        return [self._result_of(incident) for incident in self.batch.incidents if self.state_of(incident)]

    def _result_of(self, incident: JsonObject) -> JsonObject:
        draft = self.draft(incident)
        result: JsonObject = {"item": incident["item"], "seconds": draft["seconds"]}
        if draft["state"] == "skipped":
            return {**result, "skipped": True}
        values: FormValues = draft["fields"]
        if needs_verdict(incident):
            several = {group["field"]: group["several"] for group in self.batch.head["groups"]}
            chosen = {name: values[name] for name in several if values.get(name)}
            result["decision"] = {name: items if several[name] else items[0] for name, items in chosen.items()}
        if traces := traces_of(values):
            result["traces"] = [{**trace, "at": draft["at"]} for trace in traces]
        if outcome := value_of(values, "available"):
            result["available"] = {"outcome": outcome, "at": draft["at"]}
        if note := value_of(values, "note"):
            result["note"] = note
        return result
