"""Standard texts for the holder of a receipt, in the portal's languages. Reporters read them: they are public texts.

None asks for the reporter's identity, and none leads a reporter to look again: that would be an offence, and harmful.
"""

from dataclasses import dataclass

from django.utils.translation import get_language, override
from django.utils.translation import gettext_lazy as _

from analysts.codes import Canned
from countries.languages import language_name, text_direction, words_language

TEXTS = {
    Canned.LOGIN: _("Did you have to sign in or pay to see it? Please do not go back to look."),
    Canned.COMPLETE: _(
        "We found nothing at the address you sent. If you still have it, please send the whole address again. Please "
        "do not go looking for it."
    ),
    Canned.PART: _(
        "Which part of the page do you mean: a picture, a video, words, or a link to another place? Please do not go "
        "back to look."
    ),
    Canned.SEEN: _("When did you see it? A day or a month is enough."),
    Canned.FOUND: _("How did you come across it: in a search, in a group, in a message, or on another page?"),
    Canned.THANKS: _("Thank you for your answer. We have all we need."),
    Canned.GONE: _("Thank you. What you reported is no longer there."),
    Canned.CANNOT: _("We cannot act on what you reported. The first page of this portal says who can help instead."),
    Canned.UNDER_18: _(
        "If you are under 18 and it is about you: you have done nothing wrong, and there is help. The first page of "
        "this portal names a helpline. You can talk to them without saying who you are."
    ),
}


@dataclass(frozen=True, slots=True)
class StandardReply:
    """A standard text in the reporter's language, and its meaning in the analyst's."""

    code: Canned
    text: str
    meaning: str


@dataclass(frozen=True, slots=True)
class Texts:
    """`language`: the one they are sent in; English if the report's has no catalogue (`is_substitute`)."""

    texts: list[StandardReply]
    language: str
    name: str
    direction: str
    is_substitute: bool
    # The analyst reads the same language, so each text is shown once.
    is_own: bool


def texts_for(language: str) -> Texts:
    """The standard texts for a report in this language, with their meaning in the active language."""
    sent_in = words_language(language)
    meanings = {code: str(text) for code, text in TEXTS.items()}
    with override(sent_in):
        texts = {code: str(text) for code, text in TEXTS.items()}
    return Texts(
        texts=[StandardReply(code, texts[code], meaning) for code, meaning in meanings.items()],
        language=sent_in,
        name=language_name(sent_in),
        direction=text_direction(sent_in),
        is_substitute=sent_in.split("-")[0] != language.split("-")[0],
        is_own=sent_in == words_language(get_language() or "en"),
    )


def text_in(language: str, code: Canned) -> str:
    with override(words_language(language)):
        return str(TEXTS[code])
