"""The hotline's mark: what settings accept as one."""

import pytest
from django.core.exceptions import ImproperlyConfigured

from portal_site.hotline_mark import DEMO_MARK, MOST_MARK_BYTES, check_mark

HEAD = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9" width="9" height="9">'


def test_mark_is_a_plain_svg() -> None:
    assert check_mark("") == ""
    assert check_mark(f"\n{DEMO_MARK}\n") == DEMO_MARK
    linked = f'{HEAD}<clipPath id="a"><path d="M0 0h9v9z"/></clipPath><rect clip-path="url(#a)"/></svg>'
    assert check_mark(linked) == linked


@pytest.mark.parametrize(
    "mark",
    [
        "mark.svg",
        '<svg viewBox="0 0 9 9"></svg>',
        f"{HEAD}<script>run()</script></svg>",
        f'{HEAD}<rect onclick = "run()"/></svg>',
        f'{HEAD}<rect fill="url(https://example.org/a)"/></svg>',
        f'{HEAD}<a href="https://example.org/"/></svg>',
        f"{HEAD}<style>*</style></svg>",
        f"<!DOCTYPE svg>{HEAD}</svg>",
        f"{HEAD}{' ' * MOST_MARK_BYTES}</svg>",
    ],
)
def test_mark_that_could_do_more_than_be_seen_stops_the_process(mark: str) -> None:
    with pytest.raises(ImproperlyConfigured, match="HOTLINE_MARK must be a plain SVG"):
        check_mark(mark)
