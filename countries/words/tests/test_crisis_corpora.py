"""Held-out phrases of people in need and harmless sentences: unchanged since they were written, and enough of them."""

import hashlib

import pytest
from django.conf import settings

from countries.words.tests.crisis_corpora import (
    CORPORA,
    THEMES,
    Proportion,
    list_languages,
    read_harmless,
    read_themes,
)

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
    "harmless/ak.txt": "d01b797ccc1c07c189e14ac766ec0e5a12be0fbe88ae21b6608e6af424d11fa4",
    "harmless/ar.txt": "a70e01eac607fbc72ae4a055ba4eaa80a85ae5f68a6b3e3315e3a1a996ef680f",
    "harmless/bem.txt": "afe52e8021a6f56e396801b522d9966e48057424bb061f3a704ccd7a4b4998bb",
    "harmless/bn.txt": "0226f1e750d49283d13a0f3a0c4fe172f79953d84e1ef9817cf7b3860cabb48e",
    "harmless/bzj.txt": "87f27c5f55fe383c24228b0e1a820ee1ea78cfff83563099ddea4ddb5737b9fe",
    "harmless/cab.txt": "43666bdbed159d9417afbfd8a7e8602ba57d93f35a3ca90c88d172fe501dbba8",
    "harmless/en.txt": "a2214bd9fd4b926b0034fe847f4026831c685d7ec26c8d30e08c25c36d2b20c5",
    "harmless/es.txt": "4bb7f1e243c06dee503fe9e91f23a14dfeaef09ef69a0f599fb16ff84add5df0",
    "harmless/fr.txt": "9aa200023b33233c81892f7a28bcbf51522de53b6156eb2191ca08bc5b48ce82",
    "harmless/hi-Latn.txt": "52a66d26eabef724c15f1a9438b18ce5d06e93761a08da8033577562b1465fb6",
    "harmless/hi.txt": "3cbce332ee614f97dc257d7ba6ece573758bcbfa9ebef4ecea10ff8897b5cba5",
    "harmless/ht.txt": "3a74e0dba6f4e2eb888e285ce6884591c30be18ce5c7465ee3b0ef18f1330e07",
    "harmless/kri.txt": "150cf8367f3196b6429caba8d3e8051130492b8d0124b3844b260fd5066ff1e1",
    "harmless/lg.txt": "ec7995b015e540a03010c4246c5d780fb0f772ac2c2949fe79035ba5083eacef",
    "harmless/mfe.txt": "1b8a95a6f765b730719400a5c584731e6422bdd79e8c28c1088b46baa759658b",
    "harmless/ny.txt": "57036ecf196cdb98b30d4761a4142022c87c727af9b8b15b913e73e13cc64f74",
    "harmless/pcm.txt": "c6053886cf880eb578b43c5b5577d73d5d30c92aa7260454d1648654027b0ddb",
    "harmless/ps.txt": "860ea9c7b27b390dc251ae8f1170f012883ddb17a4391f960ef16fab3f0a8692",
    "harmless/pt.txt": "495410ec96b7af0d2616dc97e028f9c450829bf941de130c1c39b72302ad9b21",
    "harmless/si.txt": "3920aa03f68a8ce8aca9472e5c9e67347b2f962bbaa88d42c26fec3cd4a38727",
    "harmless/sn.txt": "4ef28982d4043b9a4121b8ee631c2691c4fd5848c27b19ba2a1384874377b2a9",
    "harmless/sw.txt": "a4df51c6e055cb0f9a58e1d1a095ce1d4ab387b2e99145ce5441f11207a75ad1",
    "harmless/ta.txt": "4ad1b979cccc206fafa427cd337d09c1f394ba884ab4fd27ca4efa4853b0f473",
    "harmless/ur-Latn.txt": "6ff9dca5bdb1098f796ce5d5040e941f25b37c592fc57daaf37b858e2fa3817d",
    "harmless/ur.txt": "ce55c3b7be5e02abc6986d518472bfae3dba2b4151ec88b3cbfa189bc2a84c8c",
    "harmless/wo.txt": "58e2065bf5fac84c44988201e28338db7326efa329b89be7681903f4e5ba7147",
}

# Phrases a theme, and harmless sentences. Garifuna has fewer: its files say why.
LEAST_SHIPPED, LEAST_OTHER, LEAST_GARIFUNA = (30, 200), (10, 60), (3, 6)


def test_held_out_files_are_those_that_were_written_first() -> None:
    digests = {
        path.relative_to(CORPORA).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in CORPORA.rglob("*.txt")
    }
    assert digests == DIGESTS


@pytest.mark.parametrize("language", list_languages("crisis"))
def test_each_language_has_enough_phrases(language: str) -> None:
    themes = read_themes(language)
    assert tuple(themes) == THEMES
    harmless = read_harmless(language)
    phrases = [*harmless, *(phrase for theme in themes.values() for phrase in theme)]
    assert len(set(phrases)) == len(phrases)
    least = LEAST_SHIPPED if language in dict(settings.LANGUAGES) else LEAST_OTHER
    least_phrases, least_harmless = LEAST_GARIFUNA if language == "cab" else least
    assert min(map(len, themes.values())) >= least_phrases
    assert len(harmless) >= least_harmless


def test_every_language_of_the_product_is_measured() -> None:
    assert set(dict(settings.LANGUAGES)) <= set(list_languages("crisis"))
    assert list_languages("crisis") == list_languages("harmless")


@pytest.mark.parametrize(
    ("matches", "total", "low", "high"), [(24, 30, 62.69, 90.49), (30, 30, 88.65, 100.0), (0, 200, 0.0, 1.88)]
)
def test_interval_is_wilsons(matches: int, total: int, low: float, high: float) -> None:
    assert Proportion(matches, total).wilson_interval() == pytest.approx((low, high), abs=0.01)
