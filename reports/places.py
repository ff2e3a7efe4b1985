"""Where reporters come across an address: suggestions of the details form, which staff confirm or correct."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class PlaceKind(TextChoices):
    """Suggestions only: a reporter may write anything else, and words are stored, never codes."""

    WEB_PAGE = "web_page", _("Web page")
    SOCIAL_NETWORK = "social_network", _("Social network")
    CHAT = "chat", _("App or private chat")
    IMAGE_HOST = "image_host", _("Site for pictures")
    FORUM = "forum", _("Forum")
    FILE_SHARING = "file_sharing", _("File sharing")
    NEWSGROUP = "newsgroup", _("Newsgroup")
    SEARCH_RESULT = "search_result", _("Search result")
    EMAIL = "email", _("E-mail")
