"""The place in a to-do list from which a page was opened: query parameters, and hidden fields of the page's forms."""

from collections.abc import Mapping

from django.urls import reverse

# The kind of the list, the place in it, and whose rows it lists.
KIND, PLACE, WHOSE = "todo", "todo_after", "todo_whose"
# The value for what the user follows up; without it, all rows.
MINE = "mine"
# The parameters of the list's own page.
OF_PAGE = {KIND: "what", WHOSE: "whose", PLACE: "after"}
LONGEST = 100


def read_list(values: Mapping[str, str]) -> dict[str, str]:
    """The parameters that were sent; empty for a page that was opened from no list."""
    if not values.get(KIND):
        return {}
    return {name: text[:LONGEST] for name in OF_PAGE if (text := values.get(name, ""))}


def list_url(query: Mapping[str, str]) -> str:
    """The page of the list with these parameters, at its place."""
    return reverse("admin:to_do", query={OF_PAGE[name]: text for name, text in query.items()})
