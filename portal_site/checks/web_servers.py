"""Checks of what gunicorn and nginx would log, as far as their configuration can be read from this process.

gunicorn's is what GUNICORN_CMD_ARGS and the file GUNICORN_CONFIG say, read the way gunicorn reads them; options on its
command line cannot be seen. nginx's are the files that NGINX_CONFIG names, with their `include` files.
"""

import re
import runpy
from collections.abc import Iterator
from contextlib import redirect_stderr
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register
from gunicorn.config import Config

from portal_site.logging import GunicornLogger

OUR_LOGGER = f"{GunicornLogger.__module__}.{GunicornLogger.__qualname__}"
# Settings of gunicorn that write requests, or send them elsewhere, when they are set at all.
TELLING = ("accesslog", "logconfig", "logconfig_dict", "logconfig_json", "syslog", "statsd_host", "spew")

# nginx's variables that identify a visitor. A directive with one of them stores it, passes it on or counts by it.
WHO = re.compile(
    r"\$\{?(remote_addr|binary_remote_addr|remote_port|remote_user|realip_remote_addr|proxy_protocol_addr"
    r"|proxy_add_x_forwarded_for|http_x_forwarded_for|http_forwarded|http_user_agent|http_referer"
    r"|http_accept_language|ssl_session_id|ssl_client_\w+)\b"
)
TOKEN = re.compile(r"""#[^\n]*|"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|[{};]|(?:\\.|\$\{\w*\}|[^\s{};"'])+""")


@register(Tags.security, deploy=True)
def check_gunicorn(app_configs: object, **kwargs: object) -> Iterator[CheckMessage]:
    """Its access log holds addresses; its error log `Invalid request from ip=...`, unless our logger writes it."""
    output = StringIO()
    try:
        with redirect_stderr(output):
            config, seen_file = read_gunicorn_config()
    except (Exception, SystemExit) as error:  # the file is a program
        output_lines = output.getvalue().strip().splitlines()[-1:] or [f"{type(error).__name__}: {error}"]
        yield _gunicorn_error(f"gunicorn's configuration cannot be read: {output_lines[0]}")
        return
    for name in TELLING:
        if config.settings[name].get():
            yield _gunicorn_error(f"gunicorn's `{name}` is set: it writes or sends requests.")
    logger = config.settings["logger_class"].get()
    is_logging = seen_file or logger != config.settings["logger_class"].default
    if is_logging and logger not in (OUR_LOGGER, GunicornLogger):
        yield _gunicorn_error("gunicorn's own log would hold the addresses of broken requests.")


def read_gunicorn_config() -> tuple[Config, bool]:
    """The configuration, and whether a file was part of it. In gunicorn's order: file, then GUNICORN_CMD_ARGS."""
    config = Config()
    arguments = config.parser().parse_args(config.get_cmd_args_from_env())
    file = arguments.config or settings.GUNICORN_CONFIG
    if file:
        for name, value in runpy.run_path(file.removeprefix("file:")).items():
            if name in config.settings:
                config.set(name, value)
    for name, value in vars(arguments).items():
        if value is not None and name != "args":
            config.set(name, value)
    return config, bool(file)


def _gunicorn_error(text: str) -> Error:
    return Error(
        text,
        hint=f"Start it with deploy/gunicorn.py: no access log, logger_class = '{OUR_LOGGER}'.",
        id="portal_site.E033",
    )


@register(Tags.security, deploy=True)
def check_nginx(app_configs: object, **kwargs: object) -> Iterator[CheckMessage]:
    for name in settings.NGINX_CONFIG:
        try:
            statements = list(_nginx_statements(Path(name), Path(name).resolve().parent))
        except (OSError, ValueError) as error:
            yield Error(
                f"NGINX_CONFIG names what cannot be read: {error}",
                hint="Let this surface's user read the web server's configuration, or take it out of NGINX_CONFIG.",
                id="portal_site.E034",
            )
            continue
        for place, what in _nginx_problems(name, statements):
            hint = "Everywhere `access_log off;` and `error_log /dev/null emerg;`, and no variable of who asks."
            yield Error(f"{place}: {what}", hint=hint, id="portal_site.E035")


@dataclass(frozen=True, slots=True)
class Statement:
    """One directive: its words, the blocks that enclose it (outermost first), and the block it opens, if any."""

    place: str
    words: tuple[str, ...]
    blocks: tuple[str, ...]
    opens: str = ""


def _nginx_statements(path: Path, root: Path, blocks: tuple[str, ...] = ()) -> Iterator[Statement]:
    """Every directive of an nginx file and of those it includes; a block is identified by the position where it begins.

    Raises OSError, and ValueError where braces do not match.
    """
    text = path.read_text()
    around: list[str] = []
    words: list[str] = []
    for token in TOKEN.finditer(text):
        word = token.group()
        if word.startswith("#"):
            continue
        if word not in (";", "{", "}"):
            words.append(word.strip("\"'"))
            continue
        place = f"{path}:{text.count(chr(10), 0, token.start()) + 1}"
        inside = (*blocks, *around)
        match word:
            case "{":
                block = f"{path}@{token.start()}"
                yield Statement(place, tuple(words), inside, opens=block)
                around.append(block)
            case "}":
                if not around:
                    raise ValueError(f"{place}: a block ends that did not begin")
                around.pop()
            case _ if words[:1] == ["include"] and len(words) == 2:
                for included in _include_paths(words[1], root):
                    yield from _nginx_statements(included, root, inside)
            case _:
                yield Statement(place, tuple(words), inside)
        words = []
    if around:
        raise ValueError(f"{path}: a block does not end")


def _include_paths(name: str, root: Path) -> list[Path]:
    """The files an include names; a single one must exist, a pattern may match none, as nginx has it."""
    if any(sign in name for sign in "*?["):
        return sorted(Path("/").glob(name.lstrip("/")) if name.startswith("/") else root.glob(name))
    return [root / name]


def _nginx_problems(name: str, statements: list[Statement]) -> Iterator[tuple[str, str]]:
    """(place, problem) of each directive that stores or passes on a visitor's identity, and of each block that logs."""
    silent: dict[str, set[tuple[str, ...]]] = {"access_log": set(), "error_log": set()}
    for statement in statements:
        directive, *values = statement.words or ("",)
        if directive in silent:
            if values[:1] == ["off" if directive == "access_log" else "/dev/null"]:
                silent[directive].add(statement.blocks)
            else:
                yield statement.place, f"`{' '.join(statement.words)}` writes a log."
        elif who := WHO.search(" ".join(statement.words)):
            yield statement.place, f"`{directive}` uses ${who.group(1)}: who asks."
    servers = [(server.place, (*server.blocks, server.opens)) for server in statements if server.words == ("server",)]
    for directive, places in silent.items():
        for place, blocks in servers or [(name, ())]:
            if not any(blocks[: len(where)] == where for where in places):
                yield place, f"`{directive}` is not switched off here; nginx writes one by default."
