"""Form fields for a portal's appearance: colours, logo and crest."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from audit.generic_classes import ModelForm
from countries.brand import ENOUGH_CONTRAST, ENOUGH_FOR_GRAPHICS, contrast_ratio, too_close, too_light
from countries.models import Picture, Portal
from countries.models.picture import save_picture
from countries.staff.appearance.pictures import CREST, LOGO, Room, clean_picture


class PictureInput(forms.ClearableFileInput):
    """File input that shows the current picture and a checkbox to remove it."""

    template_name = "countries/staff/appearance/picture_input.html"
    clear_checkbox_label = gettext_lazy("Remove")  # type: ignore[assignment] # shown in the reader's language

    def is_initial(self, value: object) -> bool:
        return isinstance(value, Picture)

    def format_value(self, value: Any) -> Any:
        return value if self.is_initial(value) else None

    def get_context(self, name: str, value: object, attrs: dict[str, object] | None) -> dict[str, object]:
        context = super().get_context(name, value, attrs)
        if isinstance(value, Picture):
            context["widget"]["address"] = reverse("admin:portal_picture_shown", args=[value.digest])
        return context


class ColourInput(forms.TextInput):
    """Text input for a colour; `static/staff/brand.js` adds a colour picker and the contrast with white.

    With `against`, the id of another field, it shows the contrast of shapes with that field's colour.
    """

    def __init__(self, *, against: str = "") -> None:
        contrast: dict[str, object] = {
            "data-contrast": ENOUGH_CONTRAST,
            "data-enough": gettext_lazy("White text is readable on it. Contrast:"),
            "data-too-little": gettext_lazy("Choose a darker colour. Contrast:"),
        }
        if against:
            contrast = {
                "data-against": against,
                "data-contrast": ENOUGH_FOR_GRAPHICS,
                "data-enough": gettext_lazy("Easy to see on the brand colour. Contrast:"),
                "data-too-little": gettext_lazy("Choose a lighter colour. Contrast:"),
            }
        super().__init__({"size": 8, "maxlength": 7, "data-choose": gettext_lazy("Choose"), **contrast})


class PictureField(forms.FileField):
    """Cleans to an unsaved Picture, to False if the current one is to be removed, or to the current one."""

    widget = PictureInput

    def __init__(self, *, room: Room, **kwargs: Any) -> None:
        super().__init__(required=False, allow_empty_file=True, **kwargs)
        self.room = room
        self.widget.attrs["accept"] = ".png,.jpg,.jpeg,.webp,image/png,image/jpeg,image/webp"

    def clean(self, data: object, initial: object = None) -> object:
        upload = super().clean(data, initial)
        if not upload or isinstance(upload, Picture):
            return upload
        return clean_picture(upload, room=self.room)


def readable_colour(colour: str) -> str:
    """The colour in lower case. Raises ValidationError if white text is not readable on it."""
    colour = colour.lower()
    if too_light(colour):
        raise ValidationError(
            _("White text is not readable on this colour: choose a darker one. Contrast: %(contrast)s, at least 4.5."),
            params={"contrast": f"{contrast_ratio(colour, '#ffffff'):.1f}"},
        )
    return colour


class PortalLook(ModelForm[Portal]):
    """Form base for a portal's two pictures, three colours, pattern and layout.

    List `logo_file` and `crest_file` in `fieldsets`.
    """

    logo_file = PictureField(
        room=LOGO,
        label=gettext_lazy("Logo"),
        help_text=gettext_lazy(
            "PNG, JPEG or WebP. Shown in the header of every page, on the brand colour; at most 3,000 bytes."
        ),
    )
    crest_file = PictureField(
        room=CREST,
        label=gettext_lazy("Crest"),
        help_text=gettext_lazy(
            "PNG, JPEG or WebP. Shown on the page about the portal, on white; in the header as well if it and the "
            "logo have at most 3,000 bytes together."
        ),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["logo_file"], self.initial["crest_file"] = self.instance.logo, self.instance.crest

        for name in ("brand_colour", "button_colour"):
            if name in self.fields:
                self.fields[name].widget = ColourInput()
        if "accent_colour" in self.fields:
            self.fields["accent_colour"].widget = ColourInput(against="id_brand_colour")

    class Media:
        js = ("staff/brand.js",)

    def clean_brand_colour(self) -> str:
        return readable_colour(self.cleaned_data["brand_colour"])

    def clean_button_colour(self) -> str:
        return readable_colour(self.cleaned_data["button_colour"])

    def clean_accent_colour(self) -> str:
        return str(self.cleaned_data["accent_colour"]).lower()

    def clean(self) -> dict[str, object] | None:
        cleaned = super().clean()
        if too_close(self.cleaned_data.get("accent_colour", ""), self.cleaned_data.get("brand_colour", "")):
            self.add_error(
                "accent_colour", _("Shapes in this colour are hard to see on the brand colour: choose a lighter one.")
            )
        return cleaned

    def save(self, commit: bool = True) -> Portal:
        if "logo_file" in self.changed_data:
            self.instance.logo = save_picture(self.cleaned_data["logo_file"])
        if "crest_file" in self.changed_data:
            self.instance.crest = save_picture(self.cleaned_data["crest_file"])
        return super().save(commit)
