"""The model of words of crisis: what it is read from, how it is learnt, and which part of a text it hears."""

import zlib
from pathlib import Path

import pytest

from reports.safety.crisis import MODEL, find_theme, split_words
from reports.safety.crisis_model import SENTENCE_END, WINDOW, CrisisModel, list_features, list_parts
from tests.crisis_training import Example, digest_sources, read_digest, write_model


def example(text: str, theme: str = "") -> Example:
    return [place for places in list_features(split_words(text)) for place in places], theme


def test_shipped_model_is_learnt_from_these_sentences_by_this_code() -> None:
    """Else: python -m tests.crisis_training."""
    assert read_digest(MODEL) == digest_sources()


def test_model_knows_what_it_was_taught(tmp_path: Path) -> None:
    """Also beside words that it has never seen; and the same sentences give the same file."""
    taught = [example("mau mati saja", "self_harm"), example("dia pukul saya", "abuse_now")] * 20
    taught += [example("situs ini jelek"), example("terima kasih banyak")] * 20
    for name in ("one", "two"):
        write_model(tmp_path / name, taught, threshold=0.0)
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()
    model = CrisisModel.read(tmp_path / "one")
    texts = ["saya mau mati", "ayah pukul saya", "situs jelek", "banyak terima kasih"]
    assert [model.find_theme(split_words(text)) for text in texts] == ["self_harm", "abuse_now", None, None]


@pytest.mark.parametrize("damaged", [b"", b"no archive", zlib.compress(b'{"themes": []}\n' + bytes(7))])
def test_damaged_file_is_refused(damaged: bytes, tmp_path: Path) -> None:
    path = tmp_path / "model"
    path.write_bytes(damaged)
    with pytest.raises((ValueError, zlib.error)):
        CrisisModel.read(path)


@pytest.mark.parametrize("length", [1, WINDOW, WINDOW + 1, 3 * WINDOW, 3 * WINDOW + 5])
def test_parts_cover_every_run_of_half_a_window(length: int) -> None:
    parts = [*list_parts([""] * length)]
    assert parts[-1][1] == length
    for start in range(max(1, length - WINDOW // 2)):
        assert any(first <= start and start + min(WINDOW // 2, length) <= end for first, end in parts), start


def test_each_sentence_is_a_part() -> None:
    assert [*list_parts(["|", "one", "two", "|", "a", "|", "b", "c", "|"])] == [(0, 9), (0, 4), (5, 9)]


def test_need_is_heard_between_other_sentences() -> None:
    other = "The page was found through a search and is in English. "
    assert find_theme(other * 5 + "My father beats me every night. " + other * 5) == "abuse_now"
    assert find_theme(other * 10) is None


def test_features_of_a_word_are_its_letters_and_its_pairs() -> None:
    # Itself; of `<word>` four runs of three letters, three of four and two of five.
    assert [len(places) for places in list_features(["word"])] == [1 + 4 + 3 + 2]
    # Beside it, pairs of words and of their beginnings.
    assert [len(places) for places in list_features(["a", "word", "b", SENTENCE_END])] == [2, 10 + 2, 2 + 2 + 2, 2]
    assert [*list_features([])] == []


def test_sentence_has_the_same_features_whatever_stands_before_it() -> None:
    alone = [*list_features(split_words("I want to go home."))]
    assert [*list_features(split_words("The page is slow. I want to go home."))][-len(alone) + 1 :] == alone[1:]
