"""Questions to the holder of a receipt: forbidden content, standard texts, and the recipients of answers."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone, translation

from analysts.assessment import actions, drafts, standard_replies
from analysts.assessment.intake import run as intake
from analysts.codes import Canned
from analysts.models import Incident, Question, Report, User
from analysts.pages.incident import REPORTS_PER_PAGE
from analysts.pages.tests.test_incident_page import events, reveal, shown, url
from analysts.tests.factories import incident_of, report_of
from analysts.welfare import viewing
from audit.models import AuditEvent
from audit.permissions import Denied
from countries.models import Portal
from countries.public import published
from reports import actions as reporters
from reports import receipts
from reports.models import Message, SubmissionKind
from reports.tests.codes import code_of
from tests.rig.fixtures import client_of

ADDRESS = "https://bad.example.org/gallery"
ANSWER = "The second one, placeholder words"


@pytest.fixture
def report(belize: Portal) -> Report:
    return report_of(belize, ADDRESS)


@pytest.fixture
def incident(report: Report) -> Incident:
    return Incident.objects.get(sightings__report=report)


def asked(report: Report, incident: Incident, by: User) -> Message:
    return actions.ask_reporter(by=by, incident=incident, report=report, question="Which page?")


def answer(report: Report, message: object, text: str = ANSWER) -> None:
    published.clear_cache()
    reporters.store_submission(
        credentials=receipts.derive_credentials(code_of(report.pk)),
        kind=SubmissionKind.ANSWER,
        payload={"message": str(message), "answer": text},
        portal=published.portals_by_slug()[report.portal.slug],
        language="en",
    )
    intake.take_in()


def listed(user: User) -> bool:
    return "Answers to your questions" in shown(client_of(user).get("/admin/"))


# --- Sending ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "question",
    [
        "Is it https://bad.example.org/gallery or another?",
        "Do you mean bad.example.org?",
        "Do you mean www[.]bad[.]example[.]org/other?",
        "hxxp://example.org",
    ],
)
def test_question_never_names_what_was_reported(report: Report, incident: Incident, ana: User, question: str) -> None:
    page = client_of(ana).post(url(incident, f"ask/{report.pk}"), {"question": question})

    assert page.status_code == 403
    assert "The message names the reported address or site. Remove it" in shown(page)
    assert Message.objects.count() == 0
    with pytest.raises(Denied):
        actions.ask_reporter(by=ana, incident=incident, report=report, question=question)


def test_refused_question_keeps_what_was_typed(report: Report, incident: Incident, ana: User) -> None:
    client = client_of(ana)
    reveal(client, incident)
    page = client.post(url(incident, f"ask/{report.pk}"), {"question": "Kept words: bad.example.org"})

    assert "Kept words: bad.example.org</textarea>" in page.content.decode()


def test_refused_question_about_a_report_of_a_later_page_is_shown_again(
    report: Report, incident: Incident, belize: Portal, ana: User
) -> None:
    for hours in range(1, REPORTS_PER_PAGE + 2):
        report_of(belize, ADDRESS, now=timezone.now() - timedelta(hours=hours))
    last = Report.objects.order_by("received_hour")[0]
    client = client_of(ana)
    reveal(client, incident)
    page = client.post(url(incident, f"ask/{last.pk}"), {"question": "Kept words: bad.example.org"})

    assert "Kept words: bad.example.org</textarea>" in page.content.decode()


@pytest.mark.parametrize(("act", "field"), [("note", "text"), ("ask", "question")])
def test_what_was_sent_is_no_draft_any_more(
    report: Report, incident: Incident, ana: User, act: str, field: str
) -> None:
    name, path = (act, act) if act == "note" else (f"ask_{report.pk}", f"ask/{report.pk}")
    client = client_of(ana)
    drafts.save_draft(by=ana, incident=incident, act=name, fields={field: "Begun words"})
    assert "Begun words" not in client.get(url(incident)).content.decode()
    assert "Begun words</textarea>" in reveal(client, incident).content.decode()
    assert client.post(url(incident, path), {field: "Ended words"}).status_code == 302

    assert "Begun words" not in client.get(url(incident)).content.decode()


def test_question_may_name_who_can_help(report: Report, incident: Incident, ana: User) -> None:
    actions.ask_reporter(by=ana, incident=incident, report=report, question="Ask helpline.example.net")
    assert Message.objects.count() == 1


def test_question_is_remembered_with_who_asked_and_no_time(report: Report, incident: Incident, ana: User) -> None:
    message = asked(report, incident, ana)

    question = Question.objects.get()
    assert (question.message, question.incident, question.report, question.by) == (message, incident, report, ana)
    assert (question.answered, question.read) == (False, False)
    assert {field.name for field in Question._meta.get_fields()} == {
        *("message", "incident", "report", "by", "answered", "read"),
    }


# --- Standard texts ---------------------------------------------------------------------------------------------------


def test_every_standard_text_is_there_and_short_enough() -> None:
    assert set(standard_replies.TEXTS) == set(Canned)
    assert all(0 < len(str(text)) < 500 for text in standard_replies.TEXTS.values())


def test_standard_texts_are_in_the_reports_language_beside_the_analysts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(standard_replies, "TEXTS", {Canned.GONE: translation.gettext_lazy("Yes")})
    with translation.override("fr"):
        [text] = standard_replies.texts_for("ar").texts

    assert (text.text, text.meaning) == ("نعم", "Oui")


@pytest.mark.parametrize(
    ("language", "sent_in", "is_substitute"),
    [("en", "en", False), ("ur", "ur", False), ("pt-br", "pt", False), ("en-gh", "en", False), ("si", "en", True)],
)
def test_standard_texts_are_english_where_there_is_no_catalogue(
    language: str, sent_in: str, is_substitute: bool
) -> None:
    texts = standard_replies.texts_for(language)
    assert (texts.language, texts.is_substitute) == (sent_in, is_substitute)


def test_page_says_so_where_standard_texts_are_english(belize: Portal, ana: User) -> None:
    incident = incident_of(belize, language="si")
    client = client_of(ana)

    assert "No standard texts in the language of the report (සිංහල); they are sent in English." in shown(
        reveal(client, incident)
    )


def test_inserting_a_standard_text_without_script_sends_nothing(report: Report, incident: Incident, ana: User) -> None:
    client = client_of(ana)
    reveal(client, incident)
    sent = {"question": "Hello.", "canned": "login", "insert": "1"}
    page = client.post(url(incident, f"ask/{report.pk}"), sent)

    assert page.status_code == 200
    field = re.search(r"<textarea name=\"question\"[^>]*>\s*(.*?)</textarea>", page.content.decode(), re.DOTALL)
    assert field is not None
    assert field[1] == "Hello.\nDid you have to sign in or pay to see it? Please do not go back to look."
    assert Message.objects.count() == 0
    assert events(action="incident.ask") == []
    # An unknown code inserts nothing.
    page = client.post(url(incident, f"ask/{report.pk}"), {"question": "Hi", "canned": "x", "insert": "1"})
    assert "Hi</textarea>" in page.content.decode()


def test_message_to_the_reporter_looks_like_no_note(report: Report, incident: Incident, ana: User) -> None:
    page = reveal(client_of(ana), incident).content.decode()

    to_reporter = page[page.index('class="to-reporter"') : page.index("</article>")]
    among_staff = page[page.index('class="card staff-only"') :]
    assert "Visible to the reporter" in to_reporter
    assert "Visible to staff only" in among_staff
    assert re.findall(r"<button[^>]*>\s*(Send to the reporter|Save internal note)", page) == [
        "Send to the reporter",
        "Save internal note",
    ]


# --- Answers ----------------------------------------------------------------------------------------------------------


def test_answer_is_listed_for_the_analyst_who_asked(report: Report, incident: Incident, ana: User, sena: User) -> None:
    message = asked(report, incident, ana)
    assert not listed(ana)
    answer(report, message.pk)

    assert (listed(ana), listed(sena)) == (True, False)
    client = client_of(ana)
    before = client.get(url(incident))
    assert "1 new answer to your question. Shown in the report once" in shown(before)
    assert ANSWER not in shown(before) + shown(client.get("/admin/"))
    assert "Mark as read" not in shown(before)
    after = reveal(client, incident)
    assert ANSWER in shown(after)
    assert "Mark as read" in shown(after)
    # Opening the page does not mark the answer as read; the button does.
    assert listed(ana)
    assert client.post(url(incident, "answers-read")).status_code == 302
    assert not listed(ana)
    assert "new answer" not in shown(client.get(url(incident)))
    assert AuditEvent.objects.filter(action="incident.read_answers").get().details == {"count": 1}
    # A further answer to the same question is unread.
    answer(report, message.pk, "Or the third")
    assert listed(ana)


def test_answer_goes_to_seniors_when_the_asker_has_lost_access(
    report: Report, incident: Incident, zambia: Portal, ana: User, ben: User, sena: User
) -> None:
    answer(report, asked(report, incident, ana).pk)
    ana.portals.set([zambia])
    assert (listed(ana), listed(ben), listed(sena)) == (False, False, True)
    assert "asked by ana, who no longer has access" in shown(client_of(sena).get("/admin/"))
    ana.portals.add(report.portal)
    assert (listed(ana), listed(sena)) == (True, False)
    ana.is_active = False
    ana.save()
    assert listed(sena)


def test_answer_is_hidden_from_analysts_of_other_portals(
    report: Report, incident: Incident, zambia: Portal, ana: User, ben: User, sena: User
) -> None:
    # Ben's portal received a report of the same address: he sees the incident, but not the question from Belize.
    report_of(zambia, ADDRESS)
    answer(report, asked(report, incident, ana).pk)
    client = client_of(ben)

    assert not listed(ben)
    assert "new answer" not in shown(client.get(url(incident)))
    assert ANSWER not in shown(reveal(client, incident))
    assert actions.read_answers(by=ben, incident=incident) == 0
    assert actions.read_answers(by=sena, incident=incident) == 0
    assert listed(ana)


@pytest.mark.parametrize("message", ["", "nonsense", "00000000-0000-0000-0000-000000000000"])
def test_answer_to_no_question_of_ours_marks_nothing(
    report: Report, incident: Incident, ana: User, message: str
) -> None:
    asked(report, incident, ana)
    answer(report, message)

    assert not Question.objects.get().answered


def test_answer_from_another_report_leaves_question_unanswered(
    report: Report, incident: Incident, belize: Portal, ana: User
) -> None:
    message = asked(report, incident, ana)
    answer(report_of(belize, "https://other.example/1"), message.pk)

    assert not Question.objects.get().answered


def test_answers_are_acts_and_get_changes_nothing(report: Report, incident: Incident, ana: User, ben: User) -> None:
    answer(report, asked(report, incident, ana).pk)

    assert client_of(ana).get(url(incident, "answers-read")).status_code == 405
    assert client_of(ben).post(url(incident, "answers-read")).status_code == 404
    assert Client().post(url(incident, "answers-read")).status_code == 302
    assert listed(ana)


def test_dashboard_costs_the_same_for_one_answer_and_for_ten(
    belize: Portal, ana: User, django_assert_max_num_queries: Any, django_assert_num_queries: Any
) -> None:
    def answered(number: int) -> None:
        report = report_of(belize, f"https://site{number}.example/1")
        answer(report, asked(report, Incident.objects.get(sightings__report=report), ana).pk)

    client = client_of(ana)
    answered(0)
    with django_assert_max_num_queries(60) as counted:
        client.get("/admin/")
    for number in range(1, 10):
        answered(number)
    with django_assert_num_queries(len(counted)):
        client.get("/admin/")


def test_one_reveal_shows_an_unread_answer_to_whom_it_is_for(
    report: Report, incident: Incident, belize: Portal, ana: User, sena: User
) -> None:
    message = asked(report, incident, ana)
    for by, is_shown in ((ana, False), (sena, False)):
        assert viewing.reveals_words(incident, by) is is_shown
    answer(report, message.pk)
    assert [viewing.reveals_words(incident, by) for by in (ana, sena)] == [True, False]
    client = client_of(ana)
    page = client.post(url(incident, "reveal"), {"reason": "advice"}, follow=True)
    assert ANSWER in shown(page)
    assert AuditEvent.objects.filter(action="incident.reveal").latest("number").details["words"] is True
    # Once read, the words are on their own key again.
    actions.read_answers(by=ana, incident=incident)
    assert viewing.reveals_words(incident, ana) is False
