"""The picture that chats show of a shared link."""

from django import template
from django.conf import settings
from django.templatetags.static import static

register = template.Library()


@register.simple_tag
def preview_card_image() -> str:
    """Its address, which must name the host; "" where PUBLIC_URL is not set. One picture for all pages and portals."""
    return f"{settings.PUBLIC_URL}{static('public/card.png')}" if settings.PUBLIC_URL else ""
