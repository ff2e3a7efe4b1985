"""Values of an audit event's details, as the viewer shows them."""

from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from audit.labels import of_detail


@dataclass(frozen=True, slots=True)
class DisplayValue:
    """One value of an event's details for display: plain text, named values or a list."""

    text: str = ""
    fields: list[tuple[str, "DisplayValue"]] = field(default_factory=list)
    several: list["DisplayValue"] = field(default_factory=list)


def display_value(value: object) -> DisplayValue:
    """A value from an event's details for display: labels for names, "yes" or "no", a dash if empty."""
    match value:
        case bool():
            return DisplayValue(str(_("yes")) if value else str(_("no")))
        case None:
            return DisplayValue("–")
        case dict() if value:
            return DisplayValue(fields=[(of_detail(name), display_value(item)) for name, item in sorted(value.items())])
        case list() if value:
            return DisplayValue(several=[display_value(item) for item in value])
        case dict() | list() | "":
            return DisplayValue("–")
        case _:
            return DisplayValue(str(value))
