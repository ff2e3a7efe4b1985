"""How a language stands in a path: a lower-case tag such as `en` or `zh-hant`."""

from django.urls import register_converter

LANGUAGE_TAG = r"[a-z]{2,3}(?:-[a-z0-9]{2,8})*"


class LanguageConverter:
    regex = LANGUAGE_TAG

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


# Django refuses to register a name twice, so every urls module imports this one instead.
register_converter(LanguageConverter, "language")
