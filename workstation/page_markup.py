"""The HTML of the local page. Everything from a batch is escaped; no address is ever a link."""

from collections.abc import Sequence
from datetime import datetime
from html import escape

from workstation.batch_work import BatchWork
from workstation.result_rules import LONGEST_NOTE, is_check, needs_verdict, value_of
from workstation.sealed_file import JsonObject
from workstation.trace_markup import draw_check, draw_traces

SCRIPTS = ("keys.js", "decide.js", "page.js")
MASKED = "▮▮▮▮"
SKIP = '<button name="do" value="skip" data-shortcut="s" class="second">Skip <kbd>s</kbd></button>'
SHOW_REPORTS = (
    '<button name="do" value="reports" data-shortcut="R" class="second">Show the reporters’ words <kbd>R</kbd></button>'
)
# Filled by the script, as on the staff site.
TO_RECORD = (
    '<p role="status" data-to-record data-whole="Verdict to record:" data-part="So far:"'
    ' data-lacks="Still to choose:"></p>'
)
WORK = {
    "first": "First assessment",
    "second": "Second review",
    "traces": "Hosting trace",
    "checks": "Availability check",
}


def draw_page(title: str, body: str, *, base: str, hide_after: int) -> str:
    """`hide_after`: seconds without input after which the page reloads, because the server has hidden its content."""
    # A little later, when the server has hidden it. The script counts from the last input.
    seconds = hide_after + 5
    return (
        f'<!doctype html><html lang="en" data-reload-after="{seconds}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta name="color-scheme" content="light dark">'
        f'<noscript><meta http-equiv="refresh" content="{seconds}"></noscript>'
        f'<title>{escape(title)}</title><link rel="stylesheet" href="{base}page.css">'
        f"{''.join(f'<script src="{base}{name}" defer></script>' for name in SCRIPTS)}</head><body>{body}</body></html>"
    )


def draw_header(work: BatchWork, *, base: str, now: datetime) -> str:
    head, until = work.batch.head, datetime.fromisoformat(work.batch.head["until"]).astimezone()
    minutes = max(0, (work.limits["budget"] - work.saved["exposure"]) // 60)
    finished = len(work.batch.incidents) - len(work.open_incidents)
    return (
        f"<header><h1>Batch {escape(head['batch'][:8])}</h1><p>{escape(head['drawn_by'])}</p>"
        f"<p><strong>{finished} of {len(work.batch.incidents)}</strong> done</p>"
        f"<p>Back in the queue at <strong>{until:%H:%M}</strong></p><p>{minutes} minutes’ exposure left today</p>"
        f'<nav><a href="{base}" data-shortcut="x">All incidents <kbd>x</kbd></a>'
        f'<form method="post" action="{base}break"><button class="second">Take a break</button></form></nav></header>'
    )


# --- The list -------------------------------------------------------------------------------------------------------


def draw_list(work: BatchWork, *, base: str, now: datetime, message: str = "") -> str:
    states = {"": "open", "done": "done", "skipped": "skipped"}
    rows = ""
    for incident in work.batch.incidents:
        state, number = work.state_of(incident), incident["number"]
        name = f'<a href="{base}item/{number}">{number}. {escape(incident["incident"])}</a>'
        badge = f'<span class="badge {state}">{states[state]}</span>'
        rows += f"<li>{name} {WORK[incident['work']]} {badge}{draw_warnings(work, incident)}</li>"
    blocked = work.blocked(now=now)
    notes = "".join(f'<p class="notice" role="status">{escape(note)}</p>' for note in (message, blocked) if note)
    upcoming = work.next_incident()
    if upcoming and not blocked:
        button = '<button autofocus data-shortcut="n">Next incident <kbd>n</kbd></button>'
        notes += f'<form method="post" action="{base}next">{button}</form>'
    elif work.open_incidents and not blocked:
        notes += (
            '<p class="notice">The incidents left resemble the last ones. Take a break, or choose one yourself.</p>'
        )
    is_over = not work.open_incidents and not message
    write = f"<button{' autofocus' if is_over else ' class=second'}>Write the results</button>"
    body = (
        f'{draw_header(work, base=base, now=now)}<main>{notes}<h2>Incidents</h2><ol class="rows">{rows}</ol>'
        f'<form method="post" action="{base}results"><p>Incidents without a result go back to the queue.</p>'
        f"{write}</form></main>"
    )
    return draw_page("Incidents of the batch", body, base=base, hide_after=work.limits["hide_after"])


def draw_warnings(work: BatchWork, incident: JsonObject) -> str:
    labels = work.batch.head["labels"]
    own_warnings = [escape(labels[warning]) for warning in incident["warnings"]]
    of_site = [
        f"{escape(labels[warning])} (this site)"
        for warning in incident["warnings_of_site"]
        if warning not in incident["warnings"]
    ]
    return "".join(f' <span class="badge warning">{warning}</span>' for warning in own_warnings + of_site)


# --- An incident ----------------------------------------------------------------------------------------------------


def draw_incident(
    work: BatchWork, incident: JsonObject, *, base: str, now: datetime, faults: Sequence[str], can_browse: bool
) -> str:
    is_revealed = work.revealed == incident["item"]
    action = f"{base}item/{incident['number']}"
    title = f"{incident['number']}. {incident['incident']}: {WORK[incident['work']].lower()}"
    problems = "".join(f"<li>{escape(fault)}</li>" for fault in faults)
    summary = (
        f'<div class="summary" role="alert"><h2>There is a problem</h2><ul>{problems}</ul></div>' if faults else ""
    )
    if is_revealed:
        inner = _draw_revealed(work, incident, action=action, can_browse=can_browse)
    else:
        state = work.state_of(incident)
        decided = (
            f"<p class=notice>This incident is {state}. Revealing it lets you change the result.</p>" if state else ""
        )
        inner = (
            f"{draw_warnings(work, incident) or '<p>No content warning is known.</p>'}{decided}"
            f'<form method="post" action="{action}"><p class="acts">'
            f'<button name="do" value="reveal" data-shortcut="r" autofocus>Reveal <kbd>r</kbd></button>'
            f" {SKIP}</p></form>"
        )
    body = f"{draw_header(work, base=base, now=now)}<main><h2>{escape(title)}</h2>{summary}{inner}</main>"
    return draw_page(title, body, base=base, hide_after=work.limits["hide_after"])


def _draw_revealed(work: BatchWork, incident: JsonObject, *, action: str, can_browse: bool) -> str:
    values = work.draft(incident)["fields"]
    note = escape(value_of(values, "note"))
    browse = (
        ' <button name="do" value="browse" data-shortcut="O" class="second">Open in the browser <kbd>O</kbd></button>'
        if can_browse
        else ""
    )
    all_groups = work.batch.head["groups"] if needs_verdict(incident) else []
    groups = "".join(_draw_group(group, incident, values, all_groups) for group in all_groups)
    traces = draw_traces(work, incident, values)
    check = draw_check(work, incident, values) if incident["asked"] else ""
    return (
        # Without `autocomplete`, so that a browser keeps nothing of what is typed for later.
        f'<form method="post" action="{action}" id="work" autocomplete="off" data-begins>'
        '<input type="hidden" name="typed" value="1">'
        # The first button is what the Enter key presses in a field: a verdict is saved with its own button only.
        f'<button name="do" value="{"draft" if all_groups else "save"}" class="visually-hidden" tabindex="-1">'
        f"{'Keep the draft' if all_groups else 'Save and next'}</button>"
        f'<section class="address"><label for="address">Address</label>'
        f'<input id="address" readonly dir="ltr" value="{escape(incident["address"])}">'
        '<p class="acts"><button type="button" data-copy data-shortcut="C" class="second" hidden>'
        "Copy <kbd>C</kbd></button>"
        f"{browse}"
        f' <button name="do" value="hide" data-shortcut="v" class="second">Hide <kbd>v</kbd></button>'
        '<span role="status" data-copy-said></span></p></section>'
        '<div class="columns"><section class="reports">'
        f"{_draw_reports(work, incident)}{_draw_history(incident)}</section>"
        f'<section class="decision">{groups}{f"{check}{traces}" if is_check(incident) else f"{traces}{check}"}'
        '<label for="note">Note for colleagues</label>'
        f'<textarea id="note" name="note" rows="2" maxlength="{LONGEST_NOTE}">{note}</textarea>'
        f"{TO_RECORD if all_groups else ''}"
        f'<p class="acts"><button name="do" value="save" data-record>Save and next</button>'
        f" {SKIP}</p></section></div></form>"
    )


def _draw_reports(work: BatchWork, incident: JsonObject) -> str:
    """The reports; their words on a key of their own, and the masked ones of these on another button."""
    rows, hides = [], False
    for report in incident["reports"]:
        texts = ""
        for text in report["texts"] if work.shows_reports else ():
            parts = []
            for part in text["parts"]:
                is_masked = part.get("masked") and not work.shows_words
                hides = hides or bool(is_masked)
                parts.append(f"<bdi>{MASKED if is_masked else escape(part['text'])}</bdi>")
            texts += f"<dt>{escape(text['label'])}</dt><dd>{''.join(parts)}</dd>"
        ticked = "".join(f"<li>{escape(label)}</li>" for label in report["ticked"])
        when = datetime.fromisoformat(report["hour"])
        rows.append(
            f"<article><h4><bdi>{escape(report['portal'])}</bdi>, <bdi>{escape(report['language'])}</bdi>, "
            f"{when:%Y-%m-%d %H}:00</h4>"
            f"{f'<ul>{ticked}</ul>' if ticked else ''}<dl>{texts}</dl></article>"
        )
    more = "<p>There are more reports on the staff site.</p>" if incident["more_reports"] else ""
    show = '<p><button name="do" value="words" class="second">Show masked words</button></p>' if hides else ""
    if not work.shows_reports and any(report["texts"] for report in incident["reports"]):
        show = f"<p>{SHOW_REPORTS}</p>"
    return f"<h3>Reports</h3>{''.join(rows)}{more}{show}"


def _draw_history(incident: JsonObject) -> str:
    rows = "".join(
        f"<li>{escape(row['number'])} {escape(row['verdict'] or 'not decided')}, {escape(row['last_reported'])}</li>"
        for row in incident["history"]
    )
    return f"<h3>Same host</h3><ul>{rows}</ul>" if rows else ""


def _draw_group(group: JsonObject, incident: JsonObject, values: JsonObject, all_groups: Sequence[JsonObject]) -> str:
    name, kind = group["field"], "checkbox" if group["several"] else "radio"
    initial = incident["found_on"] if name == "found_on" and incident["found_on"] else group["initial"]
    chosen = values.get(name) or [initial]
    asked_if = "".join(f' data-if="{field}={" ".join(codes)}"' for field, codes in group["asked_if"].items())
    options = "".join(_draw_option(option, name=name, kind=kind, chosen=chosen) for option in group["options"])
    if group["clearable"]:
        none = f'<input type="radio" name="{name}" value="">'
        options += f'<div class="choice none"><label>{none} <span>–</span></label></div>'
    help_text = _draw_condition(group, all_groups)
    help_text += f'<p class="hint">{escape(group["help"])}</p>' if group["help"] else ""
    needed, key = "" if group["folded"] else " data-needed", f' data-group-key="{group["key"]}"' if group["key"] else ""
    legend = f"{escape(group['label'])} {f'<kbd>{group["key"]}</kbd>' if group['key'] else ''}"
    attributes = f'data-group="{name}"{needed}{key}{asked_if}'
    fields = f"<fieldset {attributes}><legend>{legend}</legend>{help_text}{options}</fieldset>"
    if not group["folded"]:
        return fields
    return f"<details><summary>{legend} <span data-chosen></span></summary>{fields}</details>"


def _draw_condition(group: JsonObject, all_groups: Sequence[JsonObject]) -> str:
    """When the group is asked, in words: the script hides it otherwise, and then the words too."""
    conditions = []
    for other in all_groups:
        if codes := group["asked_if"].get(other["field"]):
            labels = [option["label"] for option in other["options"] if option["code"] in codes]
            conditions.append(f"{other['label'].lower()}: {', '.join(labels)}")
    return f'<p class="hint condition">Only for {escape("; ".join(conditions))}.</p>' if conditions else ""


def _draw_option(option: JsonObject, *, name: str, kind: str, chosen: Sequence[str]) -> str:
    checked = " checked" if option["code"] in chosen else ""
    box = f'<input type="{kind}" name="{name}" value="{escape(option["code"])}"{checked}>'
    label = f"<label>{box}<kbd></kbd> <span>{escape(option['label'])}</span></label>"
    definition = f'<span class="definition">{escape(option["definition"])}</span>'
    only_for = f' data-of="{" ".join(option["only_for"])}"' if option["only_for"] else ""
    return f'<div class="choice"{only_for}>{label}{definition}</div>'
