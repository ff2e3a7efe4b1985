"""The request of a step of a portal's workspace. Django's hooks of a form page share only the request."""

from django.http import HttpRequest

from countries.staff.document.portal_document import Document
from countries.staff.document.steps import PortalStep


class StepRequest(HttpRequest):
    step: PortalStep
    # The language of the text that the step shows; "" for steps without one, and for a portal without texts.
    language: str
    # Why the approval request could not be made.
    refusal: list[str]
    # Whether the save needs a second operator.
    waits: bool
    # The stored portal before the save; {} for a new one.
    before: Document
