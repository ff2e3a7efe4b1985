"""The launch kit for a portal's partners: posters, cards, links and texts, made from the current portal."""

from dataclasses import dataclass
from html import escape
from io import BytesIO

import segno
from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from countries.languages import language_name, long_date, text_direction, words_language
from countries.models import Portal
from countries.public.published_portal import PublishedPortal, PublishedText

# On a sheet of A4: two side by side, five below each other.
CARDS = 10
# Size of the badge, in CSS pixels.
BADGE_WIDTH, BADGE_HEIGHT = 420, 124


@dataclass(frozen=True, slots=True)
class Kit:
    """The texts of one language. The standard ones are in `words`, the portal's own in `language`."""

    portal: PublishedPortal
    text: PublishedText
    language: str
    name: str
    direction: str
    words: str
    words_direction: str
    # The purpose of the portal, in the standard texts; and who runs it, "" where that is not set.
    label: str
    hotline: str
    # With scheme, for links and the code; and in the form that is printed.
    address: str
    printed: str
    link: str
    button: str
    badge: str
    press: str

    @property
    def badge_name(self) -> str:
        """The file name of the badge without its ending."""
        return f"{self.portal.slug}-{self.language}-badge"


def build_kits(row: Portal, portal: PublishedPortal) -> list[Kit]:
    """One kit for each language of the portal, its default language first."""
    tags = sorted(portal.languages, key=lambda tag: tag != portal.first_language)
    return [kit for tag in tags if (kit := kit_of(row, portal, tag))]


def kit_of(row: Portal, portal: PublishedPortal, tag: str) -> Kit | None:
    """The kit in a language; None where the portal has no such language, or PUBLIC_URL is not set."""
    text = portal.text(tag)
    if text is None or not settings.PUBLIC_URL:
        return None
    words = words_language(tag)
    address = address_of(portal, tag)
    with translation.override(words):
        label = _("Report child sexual abuse material")
        link = (
            f'<a href="{escape(address)}" hreflang="{tag}" lang="{words}" rel="noopener noreferrer">{escape(label)}</a>'
        )
        button = (
            f'<p lang="{tag}" dir="{text_direction(tag)}"><strong>{escape(text.title)}</strong><br>\n'
            f'<a href="{escape(address)}" lang="{words}" dir="{text_direction(words)}" rel="noopener noreferrer">'
            f"{escape(label)}</a></p>"
        )
        badge = (
            f'<a href="{escape(address)}" hreflang="{tag}" rel="noopener noreferrer">'
            f'<img src="{portal.slug}-{tag}-badge.svg" width="{BADGE_WIDTH}" height="{BADGE_HEIGHT}"\n'
            f'lang="{words}" alt="{escape(text.title)}: {escape(label)}"></a>'
        )
        return Kit(
            portal=portal.in_language(tag),
            text=text,
            language=tag,
            name=language_name(tag),
            direction=text_direction(tag),
            words=words,
            words_direction=text_direction(words),
            label=label,
            hotline=settings.HOTLINE_NAME,
            address=address,
            printed=short_address(portal, tag),
            link=link,
            button=button,
            badge=badge,
            press=_press_text(row, text, address, tag),
        )


def address_of(portal: PublishedPortal, tag: str) -> str:
    # Absolute: the public surface has another host, whose paths the staff surface may not have.
    return f"{settings.PUBLIC_URL}/{portal.slug}/{tag}/"


def short_address(portal: PublishedPortal, tag: str) -> str:
    """The address in the form that people type: it leads to the portal's first language."""
    host = settings.PUBLIC_URL.partition("://")[2]
    return f"{host}/{portal.slug}" if tag == portal.first_language else f"{host}/{portal.slug}/{tag}"


def code_of(address: str) -> bytes:
    """The address as a QR code in SVG, with the white margin that cameras need and a seventh of it in reserve."""
    out = BytesIO()
    segno.make(address, error="m", micro=False).save(
        out, kind="svg", border=4, light="#fff", omitsize=True, xmldecl=False, nl=False, svgclass=None, lineclass=None
    )
    return out.getvalue()


def _press_text(row: Portal, text: PublishedText, address: str, tag: str) -> str:
    title = text.title
    day = row.launch_day or row.opens_on
    if day is not None:
        first = _("%(title)s: online from %(date)s.") % {"title": title, "date": long_date(day, tag)}
    else:
        first = _("%(title)s: online.") % {"title": title}
    return "\n\n".join(
        (
            first,
            text.welcome.strip(),
            _(
                "Anyone who comes across a page that shows the sexual abuse of a child can report its web address "
                "(link) at %(address)s. It is anonymous. People do not give their name, and nothing is kept that could "
                "show who they are."
            )
            % {"address": address},
            _(
                "Trained analysts check each web address. They have illegal material taken down, or pass it to a "
                "hotline or the police who can act. Please do not go looking for such pages, and do not save or send "
                "them."
            ),
        )
    )
