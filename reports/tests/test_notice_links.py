"""All of a notice's link follows from its secret, and nothing leads back."""

from uuid import uuid4

import pytest

from reports import sealing
from reports.notice_links import credentials, link_info

SECRET, OTHER = bytes(range(16)), bytes(range(1, 17))


def test_secret_always_gives_the_same() -> None:
    assert credentials(SECRET).link_id == credentials(SECRET).link_id
    assert credentials(SECRET).link_id.version == 4
    assert len({credentials(SECRET).link_id, credentials(OTHER).link_id}) == 2
    assert credentials(SECRET).digest_key != credentials(OTHER).digest_key


def test_only_the_secret_opens_what_the_link_shows() -> None:
    mine = credentials(SECRET)
    sealed = sealing.seal({"reference": "RP-1"}, to=mine.key.public(), info=link_info(mine.link_id))

    assert sealing.unseal(sealed, by=credentials(SECRET).key, info=link_info(mine.link_id)) == {"reference": "RP-1"}
    for key, link_id in [(credentials(OTHER).key, mine.link_id), (mine.key, uuid4())]:
        with pytest.raises(sealing.Unreadable):
            sealing.unseal(sealed, by=key, info=link_info(link_id))


def test_secret_stays_out_of_what_is_printed() -> None:
    assert SECRET.hex() not in repr(credentials(SECRET))
