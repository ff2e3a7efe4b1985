"""The fields of a portal that operators edit: one table for forms, documents, differences, audit events and history."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from countries.staff.document.steps import PortalStep


@dataclass(frozen=True, slots=True)
class PortalField:
    """One field of `Portal`, under the model's name for it. None of them is about reporters.

    `step`: the step whose form has the field, and under which the history shows its changes.
    `heading`: the part of that form; "" for its first part. `is_beside`: whether the field shares a line of the form
    with the field before it.
    `is_picture`: whether the form has an upload, `<name>_file`, in its place.
    `is_secret`: whether events say only that it changed, and whether exports and decided requests leave it out.
    `is_copied`: whether a portal that starts from another one takes its value.
    """

    name: str
    step: PortalStep
    heading: str | Promise = ""
    is_beside: bool = False
    is_picture: bool = False
    is_secret: bool = False
    is_copied: bool = False

    @property
    def form_name(self) -> str:
        return f"{self.name}_file" if self.is_picture else self.name


_LAW = _("Language and law")

# In the order of the forms, documents and differences.
PORTAL_FIELDS = (
    PortalField("name", PortalStep.COUNTRY),
    PortalField("slug", PortalStep.COUNTRY),
    PortalField("country", PortalStep.COUNTRY),
    PortalField("region", PortalStep.COUNTRY, is_copied=True),
    PortalField("default_language", PortalStep.COUNTRY, heading=_LAW, is_copied=True),
    PortalField("legal_age", PortalStep.COUNTRY, heading=_LAW),
    PortalField("legal_source", PortalStep.COUNTRY, heading=_LAW),
    PortalField("words_release_from", PortalStep.COUNTRY, heading=_LAW),
    PortalField("leave_to", PortalStep.HELP),
    PortalField("brand_colour", PortalStep.LOOK, is_copied=True),
    PortalField("accent_colour", PortalStep.LOOK, is_beside=True, is_copied=True),
    PortalField("button_colour", PortalStep.LOOK, is_beside=True, is_copied=True),
    PortalField("header_layout", PortalStep.LOOK, is_copied=True),
    PortalField("pattern", PortalStep.LOOK, is_beside=True, is_copied=True),
    PortalField("logo", PortalStep.LOOK, is_picture=True, is_copied=True),
    PortalField("crest", PortalStep.LOOK, is_picture=True),
    PortalField("access_phrase", PortalStep.TEST, is_secret=True),
    PortalField("launched_on", PortalStep.LAUNCH),
    PortalField("launch_source", PortalStep.LAUNCH),
)
PORTAL_FIELD_NAMES = tuple(field.name for field in PORTAL_FIELDS)
SECRETS = frozenset(field.name for field in PORTAL_FIELDS if field.is_secret)


def step_fieldsets(step: PortalStep) -> list[tuple[str | Promise | None, dict[str, tuple[tuple[str, ...], ...]]]]:
    """The parts of the step's form, in Django's notation for the admin: heading, and lines of fields."""
    parts: dict[str | Promise, list[tuple[str, ...]]] = {}
    for field in PORTAL_FIELDS:
        if field.step is step:
            lines = parts.setdefault(field.heading, [])
            lines.append((*lines.pop(), field.form_name) if field.is_beside else (field.form_name,))
    return [(heading or None, {"fields": tuple(lines)}) for heading, lines in parts.items()]
