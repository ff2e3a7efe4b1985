"""Texts that people, programs and attackers may send instead of an address."""

# Sent as a browser sends text, and stored unchanged.
TEXTS = {
    "plain": "http://site.example/a?b=c#d",
    "several": "http://a.example/\r\nhttp://b.example/\r\n\r\nhxxp://c[.]example/",
    "white space around": "  \t http://a.example/  \r\n",
    "newlines of three kinds": "a\nb\rc\r\nd",
    "leading newline": "\nhttp://a.example/",
    "nul": "http://a.example/\0x",
    "only nul": "\0",
    "nul in front": "\0http://a.example/",
    "control characters": "".join(map(chr, range(1, 32))) + "x",
    "delete and c1": "".join(map(chr, range(0x7F, 0xA0))) + "x",
    "escape sequence": "\x1b[31mred\x1b]0;title\x07",
    "right to left": "یہ پتہ ہے http://a.example/",
    "right-to-left override": "http://a.example/\u202egnp.exe",
    "bidi isolates": "\u2066a\u2067b\u2068c\u2069",
    "zero width": "http://a\u200b.ex\u200camp\u200dle/\ufeff",
    "byte order mark": "\ufeffhttp://a.example/",
    "emoji": "😀👩‍👩‍👧‍👦🏴‍☠️ http://a.example/",
    "last code point": "\U0010ffff\uffff\ufffe",
    "replacement character": "a\ufffdb",
    "private use": "\ue000\uf8ff",
    "combining storm": "Z" + "\u0300\u0489" * 200,
    "decomposed": "cafe\u0301.example",
    "full width": "ｈｔｔｐ：／／ａ．ｅｘａｍｐｌｅ／",
    "line separators": "a\u2028b\u2029c\x85d",
    "no-break spaces": "\u00a0a\u202fb\u3000c",
    "percent signs": "100%25 %41 %zz %",
    "plus and ampersand": "a+b&c=d;e",
    "backslash form": "\\xff\\udc80 \\u0000",
    "markup": "<script>alert(1)</script>",
    "end of the field": "</textarea><img src=x onerror=alert(1)>",
    "attribute": "\" autofocus onfocus=alert(1) x='",
    "entities": "&lt;&amp;amp;&#0;&#x110000;&nosuch;",
    "comment": "<!-- --!> <![CDATA[ ]]>",
    "template language": "{{ 7*7 }}{% debug %}{# x #}${7*7}#{7*7}",
    "format strings": "%s %(count)d {0} {x!r}",
    "sql": "'; DROP TABLE reports_submission; --",
    "script address": "javascript:alert(document.domain)",
    "file address": "file:///etc/passwd",
    "inner address": "http://192.0.2.7:5432/../..\\..",
    "userinfo": "http://user:secret@a.example/",
    "log line": "x\r\n2026-11-24 ERROR forged",
    "mail header": "x\r\nBcc: ana@example.org",
    "formula": '=HYPERLINK("http://a.example/")',
    "json": '{"addresses": "x", "__proto__": {}}',
    "number": "0",
    "word for nothing": "None",
    "one character": "x",
    "one space between": "a b",
    "longest": "x" * 20_000,
    "longest in emoji": "😀" * 20_000,
    "longest of newlines": "\n" * 19_999 + "x",
}

# For pages behind forms that are tried with each text (`test_forms.py`): texts whose ends, length or single word matter
# are sent alone, and all others as one text.
_ALONE = (
    *("white space around", "leading newline", "only nul", "number", "word for nothing", "one character"),
    *("longest", "longest in emoji", "longest of newlines"),
)
TEXTS_FOR_PAGES = {
    **{name: TEXTS[name] for name in _ALONE},
    "all others": "\n".join(text for name, text in TEXTS.items() if name not in _ALONE),
}

# Bodies that are not UTF-8, percent-encoded as a program would, and the text that is stored.
BYTES = {
    "latin-1": (b"caf%E9.example", "caf\\xe9.example"),
    "raw latin-1": (b"caf\xe9.example", "caf\\xe9.example"),
    "raw utf-8": ("café.example".encode(), "café.example"),
    "half raw, half escaped": (b"caf\xc3%A9.example", "café.example"),
    "all high bytes": (
        b"".join(b"%%%02X" % byte for byte in range(0x80, 0xC0)),
        "".join(f"\\x{byte:02x}" for byte in range(0x80, 0xC0)),
    ),
    "cut off": (b"a%F0%9F%98", "a\\xf0\\x9f\\x98"),
    "overlong slash": (b"a%C0%AFb", "a\\xc0\\xafb"),
    "lone high surrogate": (b"a%ED%A0%80b", "a\\xed\\xa0\\x80b"),
    "lone low surrogate": (b"a%ED%BF%BFb", "a\\xed\\xbf\\xbfb"),
    "surrogate pair": (b"%ED%A0%BD%ED%B8%80", "\\xed\\xa0\\xbd\\xed\\xb8\\x80"),
    "beyond unicode": (b"%F4%90%80%80", "\\xf4\\x90\\x80\\x80"),
    "utf-16": (b"%FF%FEa%00", "\\xff\\xfea\0"),
    "good beside bad": ("%F0%9F%98%80 %FF é".encode(), "😀 \\xff é"),
    "broken escapes": (b"%zz%4%", "%zz%4%"),
}
