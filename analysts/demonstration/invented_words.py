"""The words of the demonstration's reporters: reserved names and neutral words."""

import random

from analysts.codes import Fact
from reports.forms import DetailsForm
from reports.sealing import JSON

HOSTS = (
    "gallery.example.org",
    "img.example.net",
    "files.example.com",
    "forum.example.org",
    "board.example.net",
    "share.example.com",
    "192.0.2.17",
    "pictures.invalid",
    "cloud.example",
    "archive.test",
)
PATHS = (
    "gallery/{n}",
    "view?id={n}",
    "d/{n}",
    "t/{n}#post",
    "album/{n}/",
    "a/{n}.html",
    "post/{n}?utm_source=share",
    "s/{n}?invite=placeholder{n}",
)
WRITTEN = (
    "https://{}",
    "http://{}",
    "{}",
    "hxxps://{}",
    " I was sent this: https://{} ",
    "https://{} and https://{}b",
)
WORDS_ONLY = (
    "It was in a group of a chat app, I have no address.",
    "A profile in a game, the name was Placeholder123.",
    "Someone offered pictures in a private message.",
)
# In turn: one report in sixteen has words only.
NAMES_ADDRESS = (*5 * [True], False, *10 * [True])


def invent_details(chance: random.Random, *, in_danger: bool) -> dict[str, JSON]:
    """Invent a value for every field of the details form; a text is empty where its examples include that."""
    ticks = [tick for tick in Fact if tick not in (Fact.CHILD_IN_DANGER, Fact.UNREADABLE)]
    facts = [tick.value for tick in ticks if chance.random() < 0.12]
    if in_danger:
        facts.append(Fact.CHILD_IN_DANGER.value)
    texts = {name: chance.choice(field.examples) for name, field in DetailsForm.sealed_texts().items()}
    return {**texts, "facts": facts}
