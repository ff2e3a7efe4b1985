"""The standard texts of a new portal, in its languages."""

from django.utils.translation import gettext, override

from countries.languages import country_name, words_language


def standard_text(country_code: str, name: str, tag: str) -> dict[str, str]:
    """The network's texts for a new portal of a country: `title`, `welcome`, `about` and both messages.

    `name` is used where the code names no country. The texts are English where the language has no catalogue.
    They never contain the law, which is the country's own.
    """
    language = words_language(tag)
    # The country's name is not part of a sentence: in most languages a sentence would inflect it or want an article.
    country = country_name(country_code, language) or name
    with override(language):
        return {
            "title": gettext("Reporting portal: %(country)s") % {"country": country},
            "welcome": gettext(
                "Have you come across child sexual abuse material on the internet? Send us the web address (link). "
                "Trained analysts look at it and work to have it taken down, wherever in the world it is stored."
            ),
            "about": "\n\n".join(
                (
                    gettext(
                        "You can report child sexual abuse material on the internet here. You do not have to give "
                        "your name. Trained analysts read every report. They work to have the material taken down, "
                        "wherever in the world it is stored."
                    ),
                    gettext("It is one of many such portals around the world."),
                )
            ),
            "suspended_message": suspended_sentence(),
            "closed_message": closed_sentence(),
        }


def suspended_sentence() -> str:
    """The sentence of a suspended portal without a message, in the active language."""
    return gettext(
        "This portal is not taking reports at the moment. If you have come across child sexual abuse material, please "
        "tell the police."
    )


def closed_sentence() -> str:
    """The sentence of a closed portal without a message, in the active language."""
    return gettext(
        "This portal has closed and no longer takes reports. If you have come across child sexual abuse material, "
        "please tell the police."
    )
