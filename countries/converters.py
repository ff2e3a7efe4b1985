"""Path converter for languages: a lower-case tag such as `en` or `zh-hant`."""

LANGUAGE_TAG = r"[a-z]{2,3}(?:-[a-z0-9]{2,8})*"


class LanguageConverter:
    """`<language:...>` in the paths of every app; registered once, by `countries.apps`."""

    regex = LANGUAGE_TAG

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value
