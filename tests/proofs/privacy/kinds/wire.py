"""Kinds for requests that no browser sends: broken, cut off, smuggled, too slow, in another protocol."""

import socket
import ssl
import struct
from contextlib import suppress

from tests.proofs.privacy.kinds import register_kind
from tests.proofs.privacy.scene import GONE, PATIENCE_SECONDS, Scene
from tests.proofs.stack import HOSTS
from tests.proofs.visitor import FORM


def _report_head(scene: Scene, *lines: str, path: str = "") -> bytes:
    return scene.lines(f"POST {path or scene.portal + 'report/'} HTTP/1.1", f"Content-Type: {FORM}", *lines)


def _report_body(scene: Scene, what: str) -> bytes:
    return f"addresses={scene.markers.address(what)}".encode()


@register_kind("a request line that is none", 400)
def send_malformed_line(scene: Scene) -> str:
    return scene.raw(scene.lines(f"{scene.markers.of('malformed line')} {scene.markers.of('malformed line')}"))


@register_kind("a malformed request line, past the web server")
def send_malformed_line_to_gunicorn(scene: Scene) -> str:
    """gunicorn's stock logger writes the address of a client that sends this."""
    return scene.raw_to_gunicorn(
        scene.lines(f"{scene.markers.of('malformed line')} /{scene.markers.of('path')} HTTP/9.9")
    )


@register_kind("a malformed header, past the web server")
def send_malformed_header_to_gunicorn(scene: Scene) -> str:
    broken = f"X bad {scene.markers.of('malformed header')}: 1"
    return scene.raw_to_gunicorn(scene.lines(f"GET {scene.portal} HTTP/1.1", broken))


@register_kind("a wrong length, past the web server")
def wrong_length_to_gunicorn(scene: Scene) -> str:
    length = f"Content-Length: {scene.markers.of('content length')}"
    return scene.raw_to_gunicorn(_report_head(scene, length) + _report_body(scene, "address past the web server"))


@register_kind("a whole request, past the web server", 200)
def whole_to_gunicorn(scene: Scene) -> str:
    return scene.raw_to_gunicorn(
        scene.lines(f"GET {scene.portal}?{scene.markers.of('query')} HTTP/1.1", "Connection: close")
    )


@register_kind("malformed lines at the surface of sources", "400, 400")
def send_malformed_lines_to_sources(scene: Scene) -> str:
    line = scene.lines(
        f"{scene.markers.of('malformed line')} {scene.markers.of('malformed line')}", host=HOSTS["sources"]
    )
    return f"{scene.raw(line, surface='sources')}, {scene.raw_to_gunicorn(line, surface='sources')}"


@register_kind("the proxy protocol")
def proxy_protocol(scene: Scene) -> str:
    line = f"PROXY TCP4 {scene.markers.peer(6)} {scene.markers.peer(7)} 4711 443\r\n".encode()
    return scene.raw_to_gunicorn(line + scene.lines(f"GET {scene.portal} HTTP/1.1"))


@register_kind("broken chunks")
def broken_chunks(scene: Scene) -> str:
    marker = scene.markers.of("chunk").encode()
    return scene.raw(_report_head(scene, "Transfer-Encoding: chunked") + marker + b"\r\n" + marker + b"\r\n0\r\n\r\n")


@register_kind("whole chunks", 422)
def send_chunks(scene: Scene) -> str:
    body = _report_body(scene, "address in chunks")
    return scene.raw(_report_head(scene, "Transfer-Encoding: chunked") + b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body))


@register_kind("a length that is none", 400)
def length_of_letters(scene: Scene) -> str:
    return scene.raw(
        _report_head(scene, f"Content-Length: {scene.markers.of('content length')}")
        + _report_body(scene, "address of no length")
    )


@register_kind("a length and chunks at once", 400)
def smuggle_request(scene: Scene) -> str:
    inner = scene.lines(f"GET /{scene.markers.of('smuggled')} HTTP/1.1")
    return scene.raw(_report_head(scene, "Content-Length: 4", "Transfer-Encoding: chunked") + b"0\r\n\r\n" + inner)


@register_kind("cut off in the middle of the body", GONE)
def cut_off_body(scene: Scene) -> str:
    sent = _report_head(scene, "Content-Length: 100000") + _report_body(scene, "address that was cut off")
    return scene.raw(sent, then=_reset_connection)


@register_kind("cut off in the middle of the head", GONE)
def cut_off_head(scene: Scene) -> str:
    return scene.raw(scene.lines(f"GET {scene.portal} HTTP/1.1")[:-40], then=_reset_connection)


@register_kind("cut off in the middle of the answer", GONE)
def cut_off_answer(scene: Scene) -> str:
    return scene.raw(scene.lines(f"GET {scene.portal} HTTP/1.1"), then=_read_a_little)


def _read_a_little(connection: socket.socket) -> None:
    connection.recv(100)
    _reset_connection(connection)


def _reset_connection(connection: socket.socket) -> None:
    """End the connection as a lost line does, with a reset."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


@register_kind("an address that is too long", 414)
def long_path(scene: Scene) -> str:
    return scene.raw(scene.lines(f"GET /{scene.markers.of('long path') * 500} HTTP/1.1"))


@register_kind("a header that is too long", 400)
def long_header(scene: Scene) -> str:
    return scene.raw(scene.lines(f"GET {scene.portal} HTTP/1.1", f"X-Long: {scene.markers.of('long header') * 2000}"))


@register_kind("too many headers")
def many_headers(scene: Scene) -> str:
    lines = [f"X-{scene.markers.of('one of many headers')}-{number}: 1" for number in range(400)]
    return scene.raw(scene.lines(f"GET {scene.portal} HTTP/1.1", *lines))


@register_kind("control characters in a header")
def control_characters(scene: Scene) -> str:
    return scene.raw(
        scene.lines(f"GET {scene.portal} HTTP/1.1", f"X-Odd: \x01\x7f{scene.markers.of('control characters')}")
    )


@register_kind("HTTP/1.0", 200)
def http_1_0(scene: Scene) -> str:
    return scene.raw(scene.lines(f"GET {scene.portal} HTTP/1.0"))


@register_kind("HTTP/0.9")
def http_0_9(scene: Scene) -> str:
    return scene.raw(f"GET {scene.portal}?{scene.markers.of('query')}\r\n".encode())


@register_kind("a version that does not exist")
def http_9(scene: Scene) -> str:
    return scene.raw(scene.lines(f"GET {scene.portal} HTTP/{scene.markers.of('version')}"))


@register_kind("HTTP/2", 200)
def http_2(scene: Scene) -> str:
    """Written by hand: a preface, settings, and one request with uncompressed headers."""
    tls = scene.stack.tls()
    tls.set_alpn_protocols(["h2"])
    pseudo = {":method": "GET", ":scheme": "https", ":path": scene.portal, ":authority": HOSTS["public"]}
    identity = {name.lower(): value for name, value in scene.markers.identity.items()}
    block = b"".join(
        b"\x10" + _hpack_literal(name) + _hpack_literal(value) for name, value in {**pseudo, **identity}.items()
    )
    visitor = scene.visitor()
    visitor.tls = tls
    with visitor.socket() as connection:
        frames = _http2_frame(4, 0, 0, b"") + _http2_frame(1, 5, 1, block)
        connection.sendall(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + frames)
        with connection.makefile("rb") as answer:
            while head := answer.read(9):
                content = answer.read(int.from_bytes(head[:3]))
                if head[3] == 1:
                    # The first field of an answer's head: 0x88 is `:status: 200` of the static table.
                    return "200" if b"\x88" in content[:6] else f"an answer that begins with {content[:6].hex()}"
    return GONE


def _hpack_literal(text: str) -> bytes:
    """HPACK without compression: a length of seven bits and more, and the text."""
    length = len(text)
    if length < 127:
        return bytes((length,)) + text.encode()
    rest, head = length - 127, b"\x7f"
    while rest >= 128:
        head += bytes((rest % 128 + 128,))
        rest //= 128
    return head + bytes((rest,)) + text.encode()


def _http2_frame(kind_: int, flags: int, stream: int, content: bytes) -> bytes:
    return len(content).to_bytes(3) + bytes((kind_, flags)) + stream.to_bytes(4) + content


@register_kind("another host")
def wrong_host(scene: Scene) -> str:
    return scene.raw(scene.lines(f"GET {scene.portal} HTTP/1.1", host=f"{scene.markers.of('host')}.example.org"))


@register_kind("another host, past the web server", 400)
def wrong_host_to_gunicorn(scene: Scene) -> str:
    """Send a wrong host, which Django's own log would name."""
    lines = scene.lines(
        f"GET {scene.portal}report/ HTTP/1.1", "Connection: close", host=f"{scene.markers.of('host')}.example.org"
    )
    return scene.raw_to_gunicorn(lines)


@register_kind("no host at all", 400)
def no_host(scene: Scene) -> str:
    sent = scene.lines(f"GET {scene.portal} HTTP/1.1")
    return scene.raw(sent.replace(f"Host: {HOSTS['public']}\r\n".encode(), b""))


@register_kind("a whole address instead of a path")
def request_absolute_url(scene: Scene) -> str:
    return scene.raw(scene.lines(f"GET http://{scene.markers.of('proxied host')}.example.org/ HTTP/1.1"))


@register_kind("CONNECT")
def send_connect(scene: Scene) -> str:
    return scene.raw(scene.lines(f"CONNECT {scene.markers.of('proxied host')}.example.org:443 HTTP/1.1"))


@register_kind("a path that climbs", 400)
def climb_path(scene: Scene) -> str:
    return scene.raw(scene.lines(f"GET /../..%2f..%2f{scene.markers.of('path')} HTTP/1.1"))


@register_kind("a file that does not exist", 404)
def missing_file(scene: Scene) -> int:
    return scene.visitor().get(f"/static/{scene.markers.of('path')}.css").status


@register_kind("a part of a page")
def request_range(scene: Scene) -> int:
    return scene.visitor().get(scene.portal, Range=f"bytes=0-{scene.markers.of('range')}").status


@register_kind("may I send?")
def expect_continue(scene: Scene) -> str:
    body = _report_body(scene, "address after asking")
    return scene.raw(_report_head(scene, "Expect: 100-continue", f"Content-Length: {len(body)}") + body)


@register_kind("an upgrade to a web socket")
def request_upgrade(scene: Scene) -> str:
    lines = ("Connection: Upgrade", "Upgrade: websocket", f"Sec-WebSocket-Key: {scene.markers.of('socket key')}")
    return scene.raw(scene.lines(f"GET {scene.portal} HTTP/1.1", *lines))


@register_kind("several requests at once", 200)
def pipeline_requests(scene: Scene) -> str:
    return scene.raw(scene.lines(f"GET {scene.portal} HTTP/1.1") * 3)


@register_kind("plain text where TLS is spoken")
def plain_to_tls(scene: Scene) -> str:
    visitor = scene.visitor()
    visitor.tls = None
    with visitor.socket() as connection:
        return scene.spoken(connection, scene.lines(f"GET {scene.portal} HTTP/1.1"))


@register_kind("the port without TLS", 301)
def request_without_tls(scene: Scene) -> int:
    visitor = scene.visitor()
    visitor.tls, visitor.port = None, scene.stack.ports["plain"]
    return visitor.get(f"{scene.portal}?{scene.markers.of('query')}").status


@register_kind("rubbish where TLS is spoken", GONE)
def rubbish_to_tls(scene: Scene) -> str:
    visitor = scene.visitor()
    visitor.tls = None
    with suppress(OSError), visitor.socket() as connection:
        connection.settimeout(PATIENCE_SECONDS)
        connection.sendall(b"\x16\x03\x01\x02\x00\x01" + scene.markers.of("rubbish").encode() * 40)
        return GONE if not connection.recv(5)[5:] else "an answer"
    return GONE


@register_kind("another name in TLS")
def wrong_name_in_tls(scene: Scene) -> str:
    visitor = scene.visitor()
    visitor.host = f"{scene.markers.of('name in TLS')}.example.org"
    visitor.tls = ssl.create_default_context()
    visitor.tls.check_hostname, visitor.tls.verify_mode = False, ssl.CERT_NONE
    with suppress(OSError), visitor.socket() as connection:
        return scene.spoken(connection, scene.lines(f"GET {scene.portal} HTTP/1.1"))
    return GONE
