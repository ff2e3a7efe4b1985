"""The rules of a result: what was typed, and the faults that prevent it."""

import ipaddress
import re
from collections.abc import Mapping, Sequence

from workstation.sealed_file import JsonObject

# The values of a form by field; several of a field with several options.
type FormValues = Mapping[str, Sequence[str]]

# A place of hosting; its methods are the field `place_0_methods`.
PLACE_FIELDS = ("provider", "country", "network", "ip", "note", "contact", "contact_source")
# A second one, where methods disagree.
PLACES = 2
# Set aside for examples: no host has one, and the demo uses them.
EXAMPLES = tuple(map(ipaddress.ip_network, ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "2001:db8::/32")))
# Where the abuse contact of a provider was found.
SOURCES = {
    "rdap": "registration data (RDAP)",
    "registry": "file of an address registry",
    "provider_site": "the provider’s own site",
}
OUTCOMES = ("online", "gone", "unclear")
LONGEST_NOTE = 1_000
CONTACT = re.compile(r"[^\s@]+@[^\s@]+\.[^\s@.]{2,}")


def needs_verdict(incident: JsonObject) -> bool:
    return incident["work"] in ("first", "second")


def is_check(incident: JsonObject) -> bool:
    """Whether only an availability check is asked: one key records it."""
    return bool(incident["asked"] == ["available"])


def value_of(values: FormValues, name: str) -> str:
    items = values.get(name) or [""]
    return items[0].strip()


def place_of(values: FormValues, number: int) -> dict[str, str]:
    """A place as typed, empty fields left out."""
    cells = {name: value_of(values, f"place_{number}_{name}") for name in PLACE_FIELDS}
    cells["country"] = cells["country"].upper()
    return {name: text for name, text in cells.items() if text}


def suggested_place(incident: JsonObject) -> dict[str, str]:
    """Where the host was traced last; {} if it was not."""
    suggested = incident.get("suggested") or {}
    return {name: suggested[name] for name in ("provider", "country", "network") if suggested.get(name)}


def methods_of(values: FormValues, number: int) -> list[str]:
    return [method for method in values.get(f"place_{number}_methods", []) if method]


def traces_of(values: FormValues) -> list[dict[str, str]]:
    """A trace for each method that was ticked, with the place that it names."""
    return [
        {"method": method, **place_of(values, number)}
        for number in range(PLACES)
        for method in methods_of(values, number)
    ]


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
    if needs_verdict(incident):
        faults = _faults_of_decision(head, values)
    elif not traces_of(values) and not value_of(values, "available"):
        faults.append("Tick the methods of a trace or choose the result of the check, or skip the incident.")
    for number in range(PLACES):
        faults += [f"Place {number + 1}: {fault}" for fault in _faults_of_place(head, incident, values, number)]
    methods = [trace["method"] for trace in traces_of(values)]
    if len(set(methods)) < len(methods) or not set(methods) <= set(head["methods"]):
        faults.append("Each tracing method can be used once.")
    if value_of(values, "available") not in ("", *OUTCOMES):
        faults.append("Choose the result of the check again.")
    if len(value_of(values, "note")) > LONGEST_NOTE:
        faults.append(f"The note is longer than {LONGEST_NOTE} characters.")
    return faults


def _faults_of_place(head: JsonObject, incident: JsonObject, values: FormValues, number: int) -> list[str]:
    place, methods = place_of(values, number), methods_of(values, number)
    if not methods:
        return ["tick the methods that name it."] if place not in ({}, suggested_place(incident)) else []
    faults = []
    if place.get("country", "") not in head["countries"]:
        faults.append("the country is a two-letter code such as NL.")
    if not place.get("provider"):
        faults.append("the provider is missing.")
    if not is_host_address(place.get("ip", "")):
        faults.append("the IP address is not one that a host on the internet has.")
    contact = place.get("contact", "")
    if bool(contact) != (place.get("contact_source") in SOURCES):
        faults.append("enter an abuse contact with where it was found, or neither.")
    elif contact and not CONTACT.fullmatch(contact):
        faults.append("the abuse contact is not an e-mail address.")
    if "other" in methods and not place.get("note"):
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
