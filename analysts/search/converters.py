"""Path converter for incident numbers: the first 8 characters of an incident's id, in either case."""


class IncidentNumberConverter:
    """`<incident_number:...>`; registered once, by `analysts.apps`."""

    regex = "[0-9A-Fa-f]{8}"

    def to_python(self, value: str) -> str:
        return value.lower()

    def to_url(self, value: str) -> str:
        return value
