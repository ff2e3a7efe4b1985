"""The held-out phrases of people in need: unchanged since they were written, and enough of them."""

import hashlib

import pytest
from django.conf import settings

from countries.words.tests.crisis_corpora import CORPORA, THEMES, Proportion, list_languages, read_themes

# A phrase that changes after the words of crisis were written is no longer held out: new phrases need a new file.
DIGESTS = {
    "crisis/ak.txt": "4ef7a1e88b3abe8aefa166c537380a38f4f5c381ea345beec7799380dc7bf575",
    "crisis/ar.txt": "06790e81c923336a2c1b97f7b277bb94c46def95e2b8b390be8015a4aa37da7e",
    "crisis/bem.txt": "2fe34e03346f3ffbefcf5a944f618b2c0d828efa9a5b42b25fd9aed0c40a9ba3",
    "crisis/bn.txt": "5f72bafc4a247f38f3f3671350d64f75bee4f9a8717481d01dd1967c56f30d44",
    "crisis/bzj.txt": "0bdca477c32e178af5b89abf6f1dbc7f745d21ed2b0d24b8f34943cce0756d12",
    "crisis/cab.txt": "eb68507f09ba2d300dd6ed03e31c32fcc418f01e7ecb3dfbcc41c6d687b6d69b",
    "crisis/en.txt": "66f5df6306c470c8a3085e144e8294b78c0bba1d77014119834314e8bd093e8f",
    "crisis/es.txt": "68add369160ac7ae2722f0d40648c318212d0de9f82311d8434e5969d5ad8e50",
    "crisis/fr.txt": "ca65e908660ba104d41c8ab5d119d1b17da145c78fe0bad05d04c8f01d4f6303",
    "crisis/hi-Latn.txt": "e939e48d27f1eb26a277fe996739bd8aceb6a46b34ba19f4d060fcfb96ac110a",
    "crisis/hi.txt": "39efe4bd13fe0564247e8c0a04554c5d68e708eeb50cc2538e620a96232d44b6",
    "crisis/ht.txt": "322db4aa83f6aea1c0612d59bab868782d2b158216e5e0cfafe2ded81a49b2c0",
    "crisis/kri.txt": "b4a977cd452b2c233903a88ef93623bc9e3d63a8f6b1237f64850c5f81d3621a",
    "crisis/lg.txt": "3285821fe0809700614b1d55373db0a55b573f111de8eb6f9b63e2d8d8da20c0",
    "crisis/mfe.txt": "3290754366cd32321da04304ef6a44183fab8a5b2e6c2578869bbf97d4fd2d9c",
    "crisis/ny.txt": "4c3186f7d98980be39211718dbed4e4d9b99d1a1f4a35d48360c149b8d6a9f8e",
    "crisis/pcm.txt": "faee61a1d70120d31c40f37ce4a812790bf8b3cafa0dbcb952618746bc862fea",
    "crisis/ps.txt": "2e5c591b9f02fce13d2cac94efda86a59a0f5b7ab4e53fa5d89685442748eb93",
    "crisis/pt.txt": "362381a9a241e14b5ece64993a744e2d011c30266b6099701ecf5e7d666de3a5",
    "crisis/si.txt": "a57f7a2e4d97270f5b2b6df5a10a68c19e29145f9606df0324082951840eaf35",
    "crisis/sn.txt": "04dd381b79692fb094873bd821391469d9c7404f5d2a122c43c87afcd3989098",
    "crisis/sw.txt": "cf49214e51e54d970059490b7594821d2ef7a3f2278e8f8916337b3e07744265",
    "crisis/ta.txt": "6238a4cf1baad1a85c38e80e8605731dadf61f96ad1f8e1efc4ddc110f651383",
    "crisis/ur-Latn.txt": "9e8603666b5113d1b51ba5e85cf48a51633ad87b675abc92c5a2608356ea6342",
    "crisis/ur.txt": "450f3d4df7ca17164e0733101ca2b99b853609d213f09f2dd567b5338e307cc8",
    "crisis/wo.txt": "8cb53155b3d7867d20994ac33aaa58c3ce0551ea13a75ad3ebfcd195cb554dd6",
}

# Phrases a theme. Garifuna has three: its file says why.
LEAST_SHIPPED, LEAST_OTHER, LEAST_GARIFUNA = 30, 10, 3


def test_held_out_files_are_those_that_were_written_first() -> None:
    digests = {
        path.relative_to(CORPORA).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in CORPORA.rglob("*.txt")
    }
    assert digests == DIGESTS


@pytest.mark.parametrize("language", list_languages("crisis"))
def test_each_theme_has_enough_phrases(language: str) -> None:
    themes = read_themes(language)
    assert tuple(themes) == THEMES
    phrases = [phrase for theme in themes.values() for phrase in theme]
    assert len(set(phrases)) == len(phrases)
    least = LEAST_SHIPPED if language in dict(settings.LANGUAGES) else LEAST_OTHER
    assert min(map(len, themes.values())) >= (LEAST_GARIFUNA if language == "cab" else least)


def test_every_language_of_the_product_is_measured() -> None:
    assert set(dict(settings.LANGUAGES)) <= set(list_languages("crisis"))


@pytest.mark.parametrize(
    ("matches", "total", "low", "high"), [(24, 30, 62.69, 90.49), (30, 30, 88.65, 100.0), (0, 200, 0.0, 1.88)]
)
def test_interval_is_wilsons(matches: int, total: int, low: float, high: float) -> None:
    assert Proportion(matches, total).wilson_interval() == pytest.approx((low, high), abs=0.01)
