"""The folded sections of an incident's page, for tests of what is in them."""

from typing import Any

from analysts.pages.folded_forms import FORMS
from analysts.pages.incident_sections import OPEN, SECTIONS

# The query of a page with all its sections open.
ALL_OPEN = {OPEN: [section.name for section in (*SECTIONS, *FORMS)]}


def content_of[Content](page: Any, kind: type[Content]) -> Content:
    """The content of this type, as the template of its section gets it."""
    contents = [section.content.context for section in page.context["sections"] if section.content]
    [content] = [content for content in contents if isinstance(content, kind)]
    return content
