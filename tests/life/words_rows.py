"""Verbs on interface texts, of which one person translates and another approves."""

from analysts.accounts import language_approvals
from analysts.codes import Role
from analysts.models import User
from countries.models import ApprovedText, GlossaryTerm, InterfaceTranslation
from countries.staff.translation import actions as words_actions
from countries.staff.translation import exchange as words_exchange
from countries.words.po_files import build_po
from countries.words.sources import SourceText, shipped_translations
from countries.words.translated_rows import FileRefused, TranslatedRow
from tests.acts.words import plain_texts
from tests.life.rows import ADMINISTRATORS, Arguments, Chance, VerbRow, of_row
from tests.life.world import TRANSLATED, World

TRANSLATORS = frozenset({Role.TRANSLATOR})


def _a_source(chance: Chance) -> SourceText:
    return chance.choose(plain_texts()[:4])


def _a_translation(_world: World, _by: User, chance: Chance) -> Arguments:
    forms = [chance.choose(["ایک جملہ", "دوسرا جملہ", " " if chance.is_wild else "تیسرا جملہ"])]
    return {"language": TRANSLATED, "source": _a_source(chance), "forms": forms}


def _a_shipped_text(_world: World, _by: User, chance: Chance) -> Arguments:
    source = _a_source(chance)
    forms = shipped_translations(TRANSLATED).get(source.digest, ("ایک جملہ",))
    return {"language": TRANSLATED, "source": source, "forms": forms}


def _a_term(_world: World, _by: User, chance: Chance) -> Arguments:
    return {"language": TRANSLATED, "term": f"term {chance.random.randrange(10**6)}", "translation": "لفظ"}


def _languages(_world: World, _by: User, chance: Chance) -> Arguments | None:
    user = chance.row(User.objects.filter(role=Role.TRANSLATOR))
    rights = {TRANSLATED: chance.is_one_of(2)} | ({"ne": False} if chance.is_one_of(2) else {})
    return None if user is None else {"user": user, "rights": rights, "reason": "Speaks it."}


def _a_file(_world: World, _by: User, chance: Chance) -> Arguments:
    row = TranslatedRow("", _a_source(chance).singular, "", ("ایک اور جملہ",), chance.is_one_of(2))
    content = b"damaged" if chance.is_wild else build_po(TRANSLATED, [_a_source(chance)], {row.digest: row})
    return {"language": TRANSLATED, "name": "ur.po", "content": content}


_PROPOSED = InterfaceTranslation.objects.proposed()


def _proposed_texts(_world: World, _by: User, chance: Chance) -> Arguments | None:
    row = chance.row(_PROPOSED.all())
    return None if row is None else {"translations": [row]}


ROWS: tuple[VerbRow, ...] = (
    VerbRow(words_actions.propose_text, _a_translation, TRANSLATORS, often=2),
    VerbRow(words_actions.save_draft, _a_translation, TRANSLATORS, often=1),
    VerbRow(words_actions.approve_text, of_row("translation", lambda *_: _PROPOSED.all()), TRANSLATORS, often=2),
    VerbRow(words_actions.approve_texts, _proposed_texts, TRANSLATORS, often=1),
    VerbRow(
        words_actions.decline_text,
        of_row("translation", lambda *_: _PROPOSED.all(), reason="Too formal."),
        TRANSLATORS,
        often=1,
    ),
    VerbRow(
        words_actions.remove_gone_text, of_row("text", lambda *_: ApprovedText.objects.all()), TRANSLATORS, often=1
    ),
    VerbRow(words_actions.approve_shipped_text, _a_shipped_text, TRANSLATORS, often=1),
    VerbRow(words_exchange.import_file, _a_file, TRANSLATORS, often=1, refused_by=(FileRefused,)),
    VerbRow(words_actions.add_term, _a_term, TRANSLATORS, often=1),
    VerbRow(words_actions.remove_term, of_row("term", lambda *_: GlossaryTerm.objects.all()), TRANSLATORS, often=1),
    VerbRow(language_approvals.request_languages, _languages, ADMINISTRATORS, often=1),
)
