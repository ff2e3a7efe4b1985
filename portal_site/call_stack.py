"""Room for the frames of a call and of all calls within it.

CPython keeps the frames of Python functions in chunks of 16 KiB. A call that does not fit takes another chunk from the
system, and gives it back when it returns. Where the end of a chunk lies at a function that is called thousands of times
depends on how deep the server calls the application: an incident's page took 12 or 21 ms of Python
(https://github.com/python/cpython/issues/142183, mended in later releases of 3.13 and 3.14).

The first frame of `with_room` is larger than half a megabyte, so its chunk has a megabyte, and what it calls fits in
the rest. What is not used of it takes no memory.
"""

from collections.abc import Callable

# In pointers. A chunk is the next power of two, in bytes, above what its first frame needs.
_FRAME = 2**16


def with_room[**P, Result](call: Callable[P, Result]) -> Callable[P, Result]:
    """A function that does what `call` does."""

    def with_own_chunk(*args: P.args, **kwargs: P.kwargs) -> Result:
        return call(*args, **kwargs)

    with_own_chunk.__code__ = with_own_chunk.__code__.replace(co_stacksize=_FRAME)
    return with_own_chunk
