"""The HTML of traces and availability checks on the local page."""

from datetime import datetime
from html import escape

from workstation.batch_work import BatchWork
from workstation.result_rules import (
    OUTCOMES,
    PLACES,
    SOURCES,
    is_check,
    methods_of,
    place_of,
    suggested_place,
    value_of,
)
from workstation.sealed_file import JsonObject


def draw_traces(work: BatchWork, incident: JsonObject, values: JsonObject) -> str:
    typed = values or {f"place_0_{name}": [text] for name, text in suggested_place(incident).items()}
    is_asked = "trace" in incident["asked"]
    places = [
        _draw_place(work, typed, 0, hint=_draw_suggestion(incident), is_needed=is_asked and bool(place_of(typed, 0))),
        _draw_place(work, typed, 1),
    ]
    opened = [bool(place_of(values, number) or methods_of(values, number)) for number in range(PLACES)]
    countries = "".join(
        f'<option value="{code}">{escape(name)}</option>' for code, name in work.batch.head["countries"].items()
    )
    return (
        f'<details{" open" if is_asked or any(opened) else ""} data-group-key="H">'
        f"<summary>Hosting traces <kbd>H</kbd></summary>{places[0]}"
        f"<details{' open' if opened[1] else ''}><summary>Another place, that other methods name</summary>{places[1]}"
        f'</details><datalist id="countries">{countries}</datalist></details>'
    )


def _draw_suggestion(incident: JsonObject) -> str:
    suggested = incident.get("suggested")
    if not suggested:
        return ""
    day = datetime.fromisoformat(suggested["at"])
    return f'<p class="hint">Suggested as traced on {day:%d %b %Y}. Tick each method that names this place again.</p>'


def _draw_place(work: BatchWork, values: JsonObject, number: int, *, hint: str = "", is_needed: bool = False) -> str:
    """A place, and the methods that name it between its two compulsory fields and the others.

    `is_needed`: the keys begin with the methods.
    """
    place, chosen = place_of(values, number), methods_of(values, number)
    cells = [
        f'<label>{label} <input name="place_{number}_{name}" value="{escape(place.get(name, ""))}" maxlength="{most}"'
        f' autocomplete="off"{" list=countries" if name == "country" else ""}></label>'
        for name, label, most in (
            ("provider", "Provider", 120),
            ("country", "Country", 2),
            ("network", "Network", 120),
            ("ip", "IP address of the host", 45),
            ("note", "Note", 200),
            ("contact", "Abuse contact", 254),
        )
    ]
    sources = "".join(
        f'<option value="{code}"{" selected" if place.get("contact_source") == code else ""}>{label}</option>'
        for code, label in {"": "–", **SOURCES}.items()
    )
    cells.append(f'<label>Found in <select name="place_{number}_contact_source">{sources}</select></label>')
    methods = "".join(
        f'<div class="choice"><label><input type="checkbox" name="place_{number}_methods" value="{code}"'
        f"{' checked' if code in chosen else ''}><kbd></kbd> <span>{escape(label)}</span></label></div>"
        for code, label in work.batch.head["methods"].items()
    )
    return (
        f'{hint}<div class="place">{"".join(cells[:2])}</div><fieldset class="methods"'
        f' data-group="place_{number}_methods"{" data-needed" if is_needed else ""}>'
        f"<legend>Methods that name this place</legend>{methods}</fieldset>"
        f'<div class="place">{"".join(cells[2:])}</div>'
    )


def draw_check(work: BatchWork, incident: JsonObject, values: JsonObject) -> str:
    outcome, labels = value_of(values, "available"), work.batch.head["labels"]
    so_far = _draw_checks_so_far(incident)
    if is_check(incident):
        buttons = "".join(
            f'<button name="available" value="{code}" data-shortcut="{digit}"'
            f"{'' if code == outcome else ' class=second'}>{escape(labels[code])} <kbd>{digit}</kbd></button> "
            for digit, code in enumerate(OUTCOMES, start=1)
        )
        # Behind the buttons, so that the one that is pressed comes first.
        kept = f'<input type="hidden" name="available" value="{escape(outcome)}">' if outcome else ""
        return f'<h3>Availability</h3>{so_far}<p class="acts">{buttons}</p>{kept}'
    options = "".join(
        f'<div class="choice"><label><input type="radio" name="available" value="{code}"'
        f"{' checked' if outcome == code else ''}><kbd></kbd> <span>{escape(labels[code])}</span></label></div>"
        for code in OUTCOMES
    )
    needed = " data-needed" if "available" in incident["asked"] else ""
    attributes = f'data-group="available"{needed} data-group-key="q"'
    return f"<fieldset {attributes}><legend>Availability <kbd>q</kbd></legend>{so_far}{options}</fieldset>"


def _draw_checks_so_far(incident: JsonObject) -> str:
    """How many checks found it removed, and from when the next one counts if one counts for nothing before."""
    checks = incident.get("checks")
    if not checks:
        return ""
    so_far = f"Found removed: {checks['in_a_row']} of {checks['needed']} checks in a row"
    if checks.get("counts_from"):
        counts_from = datetime.fromisoformat(checks["counts_from"]).astimezone()
        so_far += f"; the next one counts from {counts_from:%d %b %Y, %H:%M}"
    return f'<p class="hint">{so_far}.</p>'
