"""Kinds for staff who work on reports, and for strangers at the staff surface."""

from uuid import UUID

from tests.proofs.privacy.kinds import distinct_statuses, register_kind
from tests.proofs.privacy.scene import Scene, StoredReport

# Its own kind, at the end: after signing out, no staff page is shown.
SIGN_OUT = "/accounts/logout/"


@register_kind("staff sign-in with a wrong password", 200)
def wrong_password(scene: Scene) -> int:
    visitor = scene.visitor("staff")
    path = f"/accounts/login/?next=/{scene.markers.of('onward')}/"
    token = visitor.get(path).field("csrfmiddlewaretoken")
    fields = {"csrfmiddlewaretoken": token, "login": "senior", "password": scene.markers.of("wrong password")}
    return scene.act(visitor, path, fields).status


@register_kind("staff sign-in with an unknown name", 200)
def unknown_name(scene: Scene) -> int:
    visitor = scene.visitor("staff")
    token = visitor.get("/accounts/login/").field("csrfmiddlewaretoken")
    fields = {
        "csrfmiddlewaretoken": token,
        "login": scene.markers.of("unknown name"),
        "password": scene.markers.of("wrong password"),
    }
    return scene.act(visitor, "/accounts/login/", fields).status


@register_kind("staff sign-in without a token", 403)
def no_csrf(scene: Scene) -> int:
    fields = {"login": scene.markers.of("unknown name"), "password": scene.markers.of("wrong password")}
    return scene.visitor("staff").post("/accounts/login/", fields).status


@register_kind("a stranger at every staff path", slow=True)
def visit_as_stranger(scene: Scene) -> str:
    visitor = scene.visitor("staff")
    return distinct_statuses(
        visitor.get(f"{route.path}?{scene.markers.of('query')}").status for route in scene.routes("staff")
    )


@register_kind("broken requests at the staff's surface")
def send_broken_requests(scene: Scene) -> str:
    line = f"{scene.markers.of('malformed line')} {scene.markers.of('malformed line')}"
    through = scene.raw(scene.lines(line), surface="staff")
    return f"{through} {scene.raw_to_gunicorn(scene.lines(line), surface='staff')}"


@register_kind("intake and publishing")
def run_intake(scene: Scene) -> None:
    scene.await_intake()
    scene.run_jobs("take_in_replies", "publish")


@register_kind("every staff page as an analyst", slow=True)
def every_page(scene: Scene) -> str:
    return _every_page(scene, "senior")


@register_kind("every staff page as others", slow=True)
def every_page_as_others(scene: Scene) -> str:
    others = [role for role in scene.stack.accounts() if role != "senior"]
    return "; ".join(f"{role}: {_every_page(scene, role)}" for role in others)


def _every_page(scene: Scene, role: str) -> str:
    visitor = scene.signed_in(role)
    paths = [route.path for route in scene.routes("staff") if route.path != SIGN_OUT]
    query = f"?q={scene.markers.of('query')}&{scene.markers.of('name of a query')}=1"
    return distinct_statuses(visitor.get(path + query).status for path in paths)


@register_kind("every staff button with nonsense", slow=True)
def every_button(scene: Scene) -> str:
    visitor = scene.signed_in("senior")
    # Some of the buttons end the session.
    scene.sessions.clear()
    paths = [route.path for route in scene.routes("staff") if route.path != SIGN_OUT]
    # No markers: what staff type at a page that asks for their password once more waits in their session.
    fields = {"fence": "nonsense", "recipient": "", "question": "", "nonsense": "nonsense"}
    return distinct_statuses(scene.act(visitor, path, fields).status for path in paths)


@register_kind("an address is found, taken and shown", 200)
def reveal_address(scene: Scene) -> int:
    visitor = scene.signed_in("senior")
    path = f"/admin/incidents/{_incident_id(scene, scene.sent[0])}/"
    scene.act(visitor, f"{path}claim/", {})
    scene.act(visitor, f"{path}reveal/", {})
    scene.act(visitor, f"{path}show-words/", {})
    page = visitor.get(path)
    # The markers must be on this page: otherwise the envelope had none and the search would prove nothing.
    return page.status if scene.markers.of("reported address") in page.text else 0


def _incident_id(scene: Scene, sent: StoredReport) -> UUID:
    with scene.stack.connect() as owner:
        found = owner.execute(
            "SELECT incident_id FROM analysts_sighting WHERE report_id = %s", [sent.receipt_id]
        ).fetchone()
    if found is None:
        raise RuntimeError("The report is not in the queue.")
    return UUID(str(found[0]))


@register_kind("a question to the reporter", 302)
def ask_reporter(scene: Scene) -> int:
    sent = scene.sent[0]
    path = f"/admin/incidents/{_incident_id(scene, sent)}/ask/{sent.receipt_id}/"
    # Equally long in any run: it is in the event.
    fields = {"question": f"placeholder words {scene.markers.of('question')}"}
    return scene.act(scene.signed_in("senior"), path, fields).status


@register_kind("a question that is too long", 422)
def long_question(scene: Scene) -> int:
    sent = scene.sent[0]
    path = f"/admin/incidents/{_incident_id(scene, sent)}/ask/{sent.receipt_id}/"
    fields = {"question": scene.markers.typed("long question") * 100}
    return scene.act(scene.signed_in("senior"), path, fields).status


@register_kind("the reporter reads and answers", 200)
def answer_question(scene: Scene) -> int:
    visitor, sent = scene.visitor(), scene.sent[0]
    page = visitor.post(f"{scene.portal}status/", {"code": sent.code})
    if scene.markers.of("question") not in page.text:
        return 0
    fields = {
        "code": sent.code,
        "message": page.field("message"),
        "answer": scene.markers.typed("answer to a question"),
    }
    return visitor.post(f"{scene.portal}status/", fields).status


@register_kind("an assessment that is refused", 422)
def send_invalid_assessment(scene: Scene) -> int:
    path = f"/admin/incidents/{_incident_id(scene, scene.sent[0])}/assess/"
    fields = {"verdict": scene.markers.of("nonsense"), "fence": "1"}
    return scene.act(scene.signed_in("senior"), path, fields).status


@register_kind("an unhandled error at a staff page", 500)
def raise_unhandled_error(scene: Scene) -> int:
    visitor = scene.signed_in("senior")
    broken, mended = "ALTER TABLE analysts_incident RENAME TO away", "ALTER TABLE away RENAME TO analysts_incident"
    with scene.database(broken, afterwards=[mended]):
        return visitor.get(f"/admin/queue/?{scene.markers.of('query')}=1").status


@register_kind("signing out", 302)
def sign_out(scene: Scene) -> int:
    return scene.act(scene.signed_in("auditor", again=True), SIGN_OUT, {}).status
