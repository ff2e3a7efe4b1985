"""Answers of the test client keep the context of each template, and not those of the fragments that it includes.

Django's copies one for each fragment, which is up to a sixth of the processor time of a page.
"""

from copy import copy
from typing import Any

from django.template import Template
from django.template.context import Context
from django.test import client
from django.test.utils import ContextList


def _store_template(
    store: dict[str, Any], signal: object, sender: object, template: Template, context: Context, **_: object
) -> None:
    store.setdefault("templates", []).append(template)
    contexts = store.setdefault("context", ContextList())
    if context.template is template:
        contexts.append(copy(context))


client.store_rendered_templates = _store_template  # type: ignore[attr-defined] # the stubs leave it out
