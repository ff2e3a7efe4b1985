"""Kinds for reporters and recipients of notices, with valid and invalid requests."""

from datetime import UTC, datetime, timedelta
from functools import partial
from unittest import mock
from urllib.parse import quote, urlencode

from django.core import signing

from reports.forms import DetailsForm
from reports.tokens import SALT
from tests.proofs.privacy.kinds import distinct_statuses, register_kind
from tests.proofs.privacy.scene import Scene

# Methods beside GET and HEAD: those that pages refuse, and unknown ones.
METHODS = ("POST", "OPTIONS", "PUT", "DELETE", "PATCH", "TRACE", "PROPFIND")


def _every_path(scene: Scene, method: str, *, odd: bool = False) -> str:
    """Every path of the public surface, or the same with markers in place of values."""
    visitor = scene.visitor()
    marker = scene.markers.of("path")
    found = []
    for route in scene.routes("public"):
        path = route.pattern.replace("{}", marker) if odd else route.path
        query = f"?{scene.markers.of('name of a query')}={scene.markers.of('query')}"
        body = urlencode({scene.markers.of("field"): scene.markers.typed("posted anywhere")}).encode()
        sent = body if method not in ("GET", "HEAD") else None
        found.append(visitor.request(method, path + query, sent).status)
    return distinct_statuses(found)


# 303: away from the portal. 404: a picture that no portal shows, and the contact for security flaws, which is not
# configured.
@register_kind("every public page", "200 302 303 404")
def every_page(scene: Scene) -> str:
    return _every_path(scene, "GET")


@register_kind("every public page, head only", "200 302 303 404")
def every_head(scene: Scene) -> str:
    return _every_path(scene, "HEAD")


@register_kind("every public path with odd values in it", "200 302 303 404")
def every_odd_path(scene: Scene) -> str:
    return _every_path(scene, "GET", odd=True)


for _method in METHODS:
    register_kind(f"every public path, {_method}", slow=_method != "POST")(partial(_every_path, method=_method))


@register_kind("a method that does not exist")
def nonsense_method(scene: Scene) -> str:
    method = scene.markers.of("method").upper()
    return scene.raw(scene.lines(f"{method} {scene.portal} HTTP/1.1", "Connection: close"))


@register_kind("a report", 200)
def report_web_address(scene: Scene) -> int:
    return scene.report(scene.visitor(), scene.markers.address()).status


@register_kind("a report of an account in an app", 200)
def report_account(scene: Scene) -> int:
    fields = {name: scene.markers.typed(name) for name in ("platform", "account", "happened")}
    return scene.report(scene.visitor(), "", **fields, facts="about_me").status


@register_kind("a report of many addresses in words", 200)
def report_in_words(scene: Scene) -> int:
    addresses = "\n".join(scene.markers.address(f"address {number} of many") for number in range(5))
    return scene.report(scene.visitor(), f"{addresses}\n{scene.markers.typed('words for an address')}").status


@register_kind("the same form twice", 200)
def replay_token(scene: Scene) -> int:
    fields = {"token": scene.sent[0].token, "addresses": scene.markers.address()}
    return scene.visitor().post(f"{scene.portal}report/", fields).status


@register_kind("the same form with another address", 200)
def second_text(scene: Scene) -> int:
    fields = {"token": scene.sent[0].token, "addresses": scene.markers.address("a second address")}
    return scene.visitor().post(f"{scene.portal}report/", fields).status


def _details_fields(scene: Scene) -> dict[str, str]:
    typed = scene.markers.typed
    return {name: typed(name) for name in DetailsForm.sealed_texts()} | {"facts": "child_in_danger"}


@register_kind("details after a report", 200)
def send_details(scene: Scene) -> int:
    return (
        scene.visitor().post(f"{scene.portal}details/", {"token": scene.sent[0].token, **_details_fields(scene)}).status
    )


@register_kind("a report and details, a child in danger, in every language of a portal", "200")
def report_in_every_language(scene: Scene) -> str:
    found = []
    for path in scene.homes():
        visitor, what = scene.visitor(), f"address at {path}"
        token = scene.form(visitor, f"{path}report/")
        found.append(visitor.post(f"{path}report/", {"token": token, "addresses": scene.markers.address(what)}).status)
        found.append(visitor.post(f"{path}details/", {"token": token, **_details_fields(scene)}).status)
        found.append(visitor.get(f"{path}status/").status)
    return distinct_statuses(found)


@register_kind("details with a typed receipt", 200)
def details_by_code(scene: Scene) -> int:
    return (
        scene.visitor().post(f"{scene.portal}details/", {"code": scene.sent[0].code, **_details_fields(scene)}).status
    )


@register_kind("details with an odd tick", 422)
def odd_tick(scene: Scene) -> int:
    fields = {"token": scene.sent[0].token, **_details_fields(scene), "facts": scene.markers.of("tick")}
    return scene.visitor().post(f"{scene.portal}details/", fields).status


@register_kind("a receipt", 200)
def check_receipt(scene: Scene) -> int:
    return scene.visitor().post(f"{scene.portal}status/", {"code": scene.sent[0].code, **scene.odd}).status


@register_kind("details to be added with a receipt", 200)
def ask_for_details(scene: Scene) -> int:
    fields = {"code": scene.sent[0].code, "show": "1", **scene.odd}
    return scene.visitor().post(f"{scene.portal}details/", fields).status


@register_kind("a receipt in other letters", 200)
def status_in_small(scene: Scene) -> int:
    code = scene.sent[0].code.lower().replace("-", " ")
    return scene.visitor().post(f"{scene.portal}status/", {"code": code}).status


@register_kind("a receipt that does not exist", 422)
def unknown_receipt(scene: Scene) -> int:
    return scene.visitor().post(f"{scene.portal}status/", {"code": scene.unknown_code()}).status


@register_kind("a mistyped receipt", 422)
def send_mistyped_receipt(scene: Scene) -> int:
    return scene.visitor().post(f"{scene.portal}status/", {"code": scene.markers.of("mistyped receipt")}).status


@register_kind("a receipt in the address", 200)
def receipt_in_query(scene: Scene) -> int:
    return scene.visitor().get(f"{scene.portal}status/?code={quote(scene.sent[0].code)}").status


@register_kind("an answer to no question", 200)
def answer_to_nothing(scene: Scene) -> int:
    fields = {
        "code": scene.sent[0].code,
        "message": scene.markers.of("message id"),
        "answer": scene.markers.typed("answer"),
    }
    return scene.visitor().post(f"{scene.portal}status/", fields).status


@register_kind("an answer to a notice", 200)
def notice_answer(scene: Scene) -> int:
    return scene.visitor().post(scene.notice(), _to_notice(scene)).status


@register_kind("an answer to a notice twice", 200)
def notice_answer_twice(scene: Scene) -> int:
    fields, path = _to_notice(scene), scene.notice()
    scene.visitor().post(path, fields)
    return scene.visitor().post(path, fields).status


@register_kind("an answer to a notice that is too long", 422)
def notice_too_long(scene: Scene) -> int:
    fields = {**_to_notice(scene), "text": f"{scene.markers.typed('long answer to a notice')} " * 400}
    return scene.visitor().post(scene.notice(), fields).status


@register_kind("an answer through a link that leads nowhere", 404)
def notice_nowhere(scene: Scene) -> int:
    return scene.visitor().post(f"/notice/en/{scene.markers.of('secret of a notice')}/", _to_notice(scene)).status


@register_kind("a notice's link as a mail scanner opens it", 200)
def notice_scanned(scene: Scene) -> int:
    return scene.visitor().get(f"{scene.notice()}?{scene.markers.of('query')}=1").status


def _to_notice(scene: Scene) -> dict[str, str]:
    return {"kind": "not_ours", "text": scene.markers.typed("answer to a notice")}


@register_kind("a report without an address", 422)
def empty_report(scene: Scene) -> int:
    return scene.report(scene.visitor(), " ").status


@register_kind("a report that is too long", 422)
def too_long(scene: Scene) -> int:
    return scene.report(scene.visitor(), f"{scene.markers.typed('long text')} " * 600).status


@register_kind("a body above the limit", 413)
def too_large(scene: Scene) -> int:
    body = urlencode({"addresses": scene.markers.typed("large text") * 15_000}).encode()
    return scene.visitor().post(f"{scene.portal}report/", body[:600_000]).status


@register_kind("a body just below the limit", 422)
def nearly_too_large(scene: Scene) -> int:
    token = scene.form(scene.visitor())
    body = urlencode({"token": token, "addresses": scene.markers.typed("nearly too large") * 15_000}).encode()
    return scene.visitor().post(f"{scene.portal}report/", body[:500_000]).status


@register_kind("a forged token", 422)
def send_forged_token(scene: Scene) -> int:
    fields = {"token": scene.markers.of("forged token"), "addresses": scene.markers.address("address of a forged form")}
    return scene.visitor().post(f"{scene.portal}report/", fields).status


@register_kind("an expired token", 422)
def send_expired_token(scene: Scene) -> int:
    portal, nonce, *_ = scene.form(scene.visitor()).split(":")
    key = scene.stack.environment_of("public")["SECRET_KEY"]
    days_ago = (datetime.now(UTC) - timedelta(days=3)).timestamp()
    with mock.patch("django.core.signing.time.time", return_value=days_ago):
        token = signing.TimestampSigner(key=key, salt=SALT, fallback_keys=[]).sign(f"{portal}:{nonce}")
    fields = {"token": token, "addresses": scene.markers.address("address of an old form")}
    page = scene.visitor().post(f"{scene.portal}report/", fields)
    # Renewed under the same nonce: it was recognised as old and not as forged.
    return page.status if nonce in page.field("token") else 0


@register_kind("another portal's form", 422)
def form_of_another_portal(scene: Scene) -> int:
    token = scene.form(scene.visitor(), f"/{scene.portals['other']}/en/report/")
    fields = {"token": token, "addresses": scene.markers.address("address of another portal's form")}
    return scene.visitor().post(f"{scene.portal}report/", fields).status


@register_kind("a wrong access phrase", 422)
def wrong_phrase(scene: Scene) -> int:
    path = f"/{scene.portals['restricted']}/en/report/"
    token = scene.form(scene.visitor(), path)
    fields = {"token": token, "addresses": scene.markers.address("address at a restricted portal")}
    return scene.visitor().post(path, {**fields, "phrase": scene.markers.typed("access phrase")}).status


@register_kind("a report to a suspended portal", 422)
def report_to_suspended_portal(scene: Scene) -> int:
    path = f"/{scene.portals['suspended']}/en/report/"
    fields = {
        "token": scene.markers.of("forged token"),
        "addresses": scene.markers.address("address at a suspended portal"),
    }
    return scene.visitor().post(path, fields).status


@register_kind("a NUL byte", 200)
def send_nul_byte(scene: Scene) -> int:
    return scene.report(
        scene.visitor(), f"{scene.markers.address('address with NUL')}\0{scene.markers.of('behind NUL')}"
    ).status


@register_kind("bytes that are not UTF-8", 200)
def not_utf8(scene: Scene) -> int:
    token = scene.form(scene.visitor())
    body = f"token={quote(token)}&addresses=https://{scene.markers.of('address not in UTF-8')}.example.org/%ff%fe"
    return scene.visitor().post(f"{scene.portal}report/", body.encode() + b"\xff\xfe").status


@register_kind("a file", 422)
def upload_file(scene: Scene) -> int:
    line, name = scene.markers.of("boundary"), scene.markers.of("file name")
    parts = [
        f'--{line}\r\nContent-Disposition: form-data; name="addresses"\r\n\r\n{scene.markers.address("beside a file")}',
        f'--{line}\r\nContent-Disposition: form-data; name="file"; filename="{name}.txt"\r\n'
        f"Content-Type: text/plain\r\n\r\n{scene.markers.typed('file') * 5000}",
        f"--{line}--\r\n",
    ]
    headers = {"Content-Type": f"multipart/form-data; boundary={line}"}
    return scene.visitor().post(f"{scene.portal}report/", "\r\n".join(parts).encode(), headers).status


@register_kind("another content type", 422)
def other_content_type(scene: Scene) -> int:
    body = f'{{"addresses": "{scene.markers.address("address in JSON")}"}}'.encode()
    headers = {"Content-Type": f"application/json; profile={scene.markers.of('content type')}"}
    return scene.visitor().post(f"{scene.portal}report/", body, headers).status


@register_kind("more fields than any form has", 422)
def many_fields(scene: Scene) -> int:
    fields = [(scene.markers.of("one of many fields"), str(number)) for number in range(300)]
    return scene.visitor().post(f"{scene.portal}report/", fields).status
