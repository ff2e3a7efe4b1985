"""Answers of the test client refer to the contexts of their templates.

Django's copies one for each fragment that a page includes, which is up to a sixth of the processor time of a page.
`answer.context["name"]` finds what a view hands over; what a template sets for its fragments is gone by then.
"""

from django.template.context import BaseContext
from django.test import client


def _as_it_is(context: BaseContext) -> BaseContext:
    return context


setattr(client, "copy", _as_it_is)  # noqa: B010 - the stubs do not have what the module imports
