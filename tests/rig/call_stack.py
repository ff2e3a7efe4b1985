"""Each test has room for the calls within it, as requests have (`portal_site.call_stack`): a tenth of the time less."""

import pytest

from portal_site.call_stack import with_room


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_call(item: pytest.Item) -> None:
    if isinstance(item, pytest.Function):
        item.obj = with_room(item.obj)
