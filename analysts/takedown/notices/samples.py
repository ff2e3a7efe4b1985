"""Made-up values, so that a text of notices can be seen before anybody gets it."""

from datetime import datetime, timedelta

from django.conf import settings

from analysts.takedown.notices.placeholders import Placeholder
from countries.languages import words_language


def sample_values(language: str, *, now: datetime) -> dict[Placeholder, str]:
    host = settings.PUBLIC_URL or "https://report.example.org"
    return {
        Placeholder.REFERENCE: "RP-7K2M-XQ4D",
        Placeholder.ADDRESSEE: "Example Hosting",
        Placeholder.HOTLINE: settings.HOTLINE_NAME or "HOTLINE_NAME",
        Placeholder.COUNT: "2",
        Placeholder.HOST: "example[.]org",
        Placeholder.ADDRESSES: "1. hxxps://example[.]org/one\n2. hxxps://example[.]org/two",
        Placeholder.ANSWER_LINK: f"{host}/notice/{words_language(language)}/xxxxxxxxxxxxxxxxxxxxxx/",
        Placeholder.ANSWER_UNTIL: (now + timedelta(days=settings.NOTICE_LINK_DAYS)).date().isoformat(),
        Placeholder.FIRST_SENT: (now - timedelta(hours=48)).date().isoformat(),
        Placeholder.HOURS: "48",
    }
