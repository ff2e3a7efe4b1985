"""Forms to prepare an import and to map the codes of the former system."""

import io
import zoneinfo
from collections.abc import Iterator, Mapping
from typing import NamedTuple, cast

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.datastructures import MultiValueDict
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from analysts.codes.imports import CodeList
from analysts.imports.actions import choices_of
from analysts.imports.raw_rows import ReadOptions
from analysts.models import HistoryImport, ImportFormat, User
from countries.models import Portal

# The value of the field `seen_by` for the hotline as a whole.
ALL_ANALYSTS = "hotline"
# Bytes: 3,000 rows or so, which a request reads in a tenth of a second.
LARGEST_FILE = 128 * 1024
# The choice of a code that is left empty; "" is no choice at all.
LEFT_EMPTY = "-"


class PrepareImport(forms.Form):
    """`cleaned_data` is the keywords of the verb."""

    use_required_attribute = False

    source = forms.SlugField(
        label=gettext_lazy("Former system"),
        max_length=40,
        help_text=gettext_lazy(
            "A short name such as scart-2019. References are unique within it: always use the same."
        ),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false", "dir": "ltr"}),
    )
    format = forms.TypedChoiceField(
        label=gettext_lazy("Format"), choices=[("", "–"), *ImportFormat.choices], coerce=ImportFormat
    )
    dates = forms.ChoiceField(
        label=gettext_lazy("Dates"),
        choices=[("iso", gettext_lazy("2026-03-31")), ("day", gettext_lazy("31/03/2026, 31.03.2026 or 31-03-2026"))],
        initial="iso",
        widget=forms.RadioSelect,
    )
    time_zone = forms.CharField(
        label=gettext_lazy("Time zone of its server"),
        max_length=64,
        initial="UTC",
        help_text=gettext_lazy("Such as Europe/Amsterdam. Times in the file name no zone."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false", "dir": "ltr"}),
    )
    seen_by = forms.ChoiceField(
        label=gettext_lazy("Open cases for"),
        help_text=gettext_lazy("Analysts of this portal see them. “Hotline”: analysts of all portals."),
    )
    file = forms.FileField(
        label=gettext_lazy("File"),
        help_text=gettext_lazy("At most 128 kB. A larger file is given to manage.py import_history on the server."),
    )

    def __init__(
        self,
        data: Mapping[str, object] | None = None,
        files: MultiValueDict[str, "UploadedFile[bytes]"] | None = None,
        *,
        by: User,
    ) -> None:
        super().__init__(data, files)
        self.portals = {str(portal.pk): portal for portal in by.visible_portals()}
        portal_choices = [(value, portal.name) for value, portal in self.portals.items()]
        choices = [(ALL_ANALYSTS, _("Hotline")), *portal_choices]
        cast(forms.ChoiceField, self.fields["seen_by"]).choices = choices

    def clean_time_zone(self) -> zoneinfo.ZoneInfo:
        return read_time_zone(self.cleaned_data["time_zone"])

    def clean_file(self) -> io.BytesIO:
        content: bytes = self.cleaned_data["file"].read(LARGEST_FILE + 1)
        if len(content) > LARGEST_FILE:
            raise forms.ValidationError(_("The file is larger than 128 kB. Use manage.py import_history for it."))
        return io.BytesIO(content)

    def clean(self) -> dict[str, object]:
        data = self.cleaned_data
        portal: Portal | None = self.portals.get(data.pop("seen_by", ""))
        options = ReadOptions(
            is_day_first=data.pop("dates", "") == "day", time_zone=data.pop("time_zone", zoneinfo.ZoneInfo("UTC"))
        )
        return {**data, "portal": portal, "options": options}


def read_time_zone(name: str) -> zoneinfo.ZoneInfo:
    """Raises ValidationError."""
    if name not in zoneinfo.available_timezones():
        raise forms.ValidationError(_("There is no such time zone."))
    return zoneinfo.ZoneInfo(name)


class MappingField(NamedTuple):
    code_list: CodeList
    code: str
    name: str


class MapCodes(forms.Form):
    """A choice for each code of the file. None is chosen in advance: a guess would be taken for a decision."""

    use_required_attribute = False

    def __init__(self, data: Mapping[str, object] | None = None, *, history: HistoryImport) -> None:
        super().__init__(data)
        self.code_fields = list(_code_fields(history))
        for field in self.code_fields:
            times = history.codes[field.code_list][field.code]
            chosen = history.mapping.get(field.code_list, {}).get(field.code)
            self.fields[field.name] = forms.ChoiceField(
                label=f"{capfirst(field.code_list.label)}: {field.code} ({times:,})",
                choices=[("", "–"), (LEFT_EMPTY, _("Leave empty")), *choices_of(field.code_list)],
                initial=None if chosen is None else chosen or LEFT_EMPTY,
                error_messages={"required": _("Choose one of our codes, or leave it empty.")},
            )

    @property
    def mapping(self) -> dict[str, dict[str, str]]:
        """The mapping of a valid form."""
        mapping: dict[str, dict[str, str]] = {}
        for field in self.code_fields:
            chosen = self.cleaned_data[field.name]
            mapping.setdefault(field.code_list, {})[field.code] = "" if chosen == LEFT_EMPTY else chosen
        return mapping


def _code_fields(history: HistoryImport) -> Iterator[MappingField]:
    for code_list in CodeList:
        for number, code in enumerate(sorted(history.codes.get(code_list, {}))):
            yield MappingField(code_list, code, f"{code_list}-{number}")
