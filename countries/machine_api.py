"""Parts of an HTTP API that other organisations' systems call with a key (`countries.api_keys`) and without a session.

Imported by the modules that describe an API, and only on the surface that serves it.
"""

from collections.abc import Callable
from typing import Any, NoReturn, cast

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import URLPattern
from ninja import NinjaAPI
from ninja.security import HttpBearer


class ByKey(HttpBearer):
    """Describes the authentication in the API description. The code that sets the attribute checks the key."""

    def __init__(self, attribute: str) -> None:
        super().__init__()
        self.attribute = attribute

    def __call__(self, request: HttpRequest) -> object | None:
        return getattr(request, self.attribute, None)

    def authenticate(self, request: HttpRequest, token: str) -> NoReturn:
        raise NotImplementedError


def describe_api(*, title: str, description: str, namespace: str, key: ByKey) -> NinjaAPI:
    """An API without the pages that the library adds."""
    return NinjaAPI(
        title=title,
        version="1",
        description=description,
        docs_url=None,
        openapi_url=None,
        urls_namespace=namespace,
        auth=key,
    )


def api_urls(api: NinjaAPI) -> list[URLPattern]:
    """The URL patterns without the empty root page of the library, exempt from session sign-in: a key is required."""
    patterns = [pattern for pattern in api.urls[0] if isinstance(pattern, URLPattern) and pattern.name != "api-root"]
    for pattern in patterns:
        login_not_required(cast(Callable[..., HttpResponseBase], pattern.callback))
    return patterns


def openapi_description(api: NinjaAPI, *, path_prefix: str) -> dict[str, Any]:
    return dict(api.get_openapi_schema(path_prefix=path_prefix))
