"""The work on one batch: what is revealed, drafts, the rules of a verdict, limits, rotation, and the results."""

import ipaddress
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from workstation.sealed_file import JsonObject, OpenBatch

# The values of a form by field; several of a field with several options.
type FormValues = Mapping[str, Sequence[str]]

TRACE_FIELDS = ("method", "country", "provider", "network", "ip", "note")
TRACES = 3
# Set aside for examples: no host has one, and the demo uses them.
EXAMPLES = tuple(map(ipaddress.ip_network, ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "2001:db8::/32")))
OUTCOMES = ("online", "gone", "unclear")
LONGEST_NOTE = 1_000


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
        if self.batch.head["groups"]:
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


# --- Rules ------------------------------------------------------------------------------------------------------------


def value_of(values: FormValues, name: str) -> str:
    items = values.get(name) or [""]
    return items[0].strip()


def traces_of(values: FormValues) -> list[dict[str, str]]:
    """The traces typed: those with a method. One without country and provider has the place of the one before."""
    traces: list[dict[str, str]] = []
    for number in range(TRACES):
        cells = {name: value_of(values, f"trace_{number}_{name}") for name in TRACE_FIELDS}
        cells["country"] = cells["country"].upper()
        if not cells["method"]:
            continue
        if traces and not cells["country"] and not cells["provider"]:
            before = traces[-1]
            place = {name: before.get(name, "") for name in ("country", "provider", "network", "ip")}
            cells |= {name: cells[name] or text for name, text in place.items()}
        traces.append({name: text for name, text in cells.items() if text})
    return traces


def find_broken_rules(rules: Sequence[JsonObject], fields: Mapping[str, object]) -> list[str]:
    """The messages of the rules of the taxonomy that the decision breaks, each once."""
    broken = []
    for rule in rules:
        if (str(fields.get(rule["field"]) or "") in rule["codes"]) == rule["unless"]:
            continue
        lacks = [name for name in rule["required"] if not fields.get(name)]
        has = [name for name in rule["empty"] if fields.get(name)]
        missing = [name for name, code in rule["contains"].items() if code not in _as_list(fields.get(name))]
        if lacks or has or missing:
            broken.append(rule["message"])
    return list(dict.fromkeys(broken))


def _as_list(value: object) -> Sequence[object]:
    return value if isinstance(value, list | tuple) else [value]


def find_faults(head: JsonObject, incident: JsonObject, values: FormValues) -> list[str]:
    """The faults that prevent the result of one incident, in words."""
    faults = []
    if head["groups"]:
        faults = _faults_of_decision(head, values)
    elif not traces_of(values) and not value_of(values, "available"):
        faults.append("Enter a trace or the result of the check, or skip the incident.")
    for number, trace in enumerate(traces_of(values), start=1):
        faults += [f"Trace {number}: {fault}" for fault in _faults_of_trace(head, trace)]
    methods = [trace["method"] for trace in traces_of(values)]
    if len(set(methods)) < len(methods) or not set(methods) <= set(head["methods"]):
        faults.append("Each tracing method can be used once.")
    if value_of(values, "available") not in ("", *OUTCOMES):
        faults.append("Choose the result of the check again.")
    if len(value_of(values, "note")) > LONGEST_NOTE:
        faults.append(f"The note is longer than {LONGEST_NOTE} characters.")
    return faults


def _faults_of_trace(head: JsonObject, trace: Mapping[str, str]) -> list[str]:
    faults = []
    if trace.get("country", "") not in head["countries"]:
        faults.append("the country is a two-letter code such as NL.")
    if not trace.get("provider"):
        faults.append("the provider is missing.")
    if not is_host_address(trace.get("ip", "")):
        faults.append("the IP address is not one that a host on the internet has.")
    if trace["method"] == "other" and not trace.get("note"):
        faults.append("specify the other method in the note.")
    return faults


def is_host_address(text: str) -> bool:
    """Whether it is empty, or an IPv4 or IPv6 address that a host on the internet may have, as the hotline decides."""
    try:
        address = ipaddress.ip_address(text) if text else None
    except ValueError:
        return False
    if isinstance(address, ipaddress.IPv6Address):
        if address.scope_id:
            return False
        address = address.ipv4_mapped or address
    if address is None:
        return True
    is_example = any(address in network for network in EXAMPLES if network.version == address.version)
    return not address.is_multicast and (address.is_global or is_example)


def _faults_of_decision(head: JsonObject, values: FormValues) -> list[str]:
    verdict = value_of(values, "verdict")
    if not verdict:
        return ["Choose a verdict."]
    faults = []
    for group in head["groups"]:
        options = {option["code"]: option for option in group["options"]}
        for code in filter(None, values.get(group["field"], [])):
            only_for = options[code]["only_for"] if code in options else None
            if only_for is None or (only_for and verdict not in only_for):
                faults.append(f"{group['label']}: this choice does not apply to this verdict.")
    flat = {group["field"]: values.get(group["field"], []) for group in head["groups"]}
    fields = {name: items if len(items) > 1 else "".join(items) for name, items in flat.items()}
    return faults + find_broken_rules(head["rules"], fields)
