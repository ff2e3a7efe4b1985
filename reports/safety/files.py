"""Pictures and files pasted as text: `data:` addresses and base64, in one piece or wrapped into lines.

Linear in the text: one pass over its long words, every pattern possessive or bounded. Nothing found leaves here.
"""

import re

# Shorter ones are names, keys and accounts.
LONGEST_RUN = 200
# Addresses carry signed tokens. No working page has one as long as this in its address.
LONGEST_RUN_IN_ADDRESS = 4_000
# Programs wrap at 64 or 76; screens anywhere. Lists of accounts or wallets have such lines, but neither + nor /.
SHORTEST_LINE = 30
SHORTEST_LAST_LINE = 16
SURELY_WRAPPED = 1_000
# A random run has over forty different characters; hex has at most sixteen (in one case), and stretched words few.
FEWEST_CHARACTERS = 24

# Characters that wrap or quote lines are not part of a word.
_LETTER = r"[^\s>\"'<]"
_ANY_LETTER = re.compile(_LETTER)
# Words that can be part of a file: long ones, the end of one, and what begins one. A body holds a hundred thousand
# others, which are passed over without being looked at one by one.
_WORD = re.compile(
    rf"(?<!{_LETTER})(?:{_LETTER}{{{SHORTEST_LAST_LINE},}}+"
    rf"|{_LETTER}{{1,{SHORTEST_LAST_LINE - 1}}}+(?<==)(?!{_LETTER})"
    rf"|(?={_LETTER}{{0,{SHORTEST_LAST_LINE}}}?(?i:data(?::|%3a))){_LETTER}++)"
)
_DATA = re.compile(
    r"(?i:data(?::|%3a))"
    r"(?:[\w.+-]{1,40}(?:/|(?i:%2f))[\w.+-]{1,80}(?:;[^;,\s]{1,80}){0,5}|(?:;[^;,\s]{1,80}){1,5})(?:,|(?i:%2c))"
)
# Shorter runs are passed over within the pattern: a body holds a hundred thousand of them.
_RUN = re.compile(rf"(?<![A-Za-z0-9+/_-])[A-Za-z0-9+/_-]{{{LONGEST_RUN - 1},}}+={{0,2}}")
_WHOLE = re.compile(r"[A-Za-z0-9+/_-]++={0,2}\Z")
_ADDRESS = re.compile(r"(?i:www\.)|[\w-]{1,63}+(?:\.[\w-]{1,63}+){1,9}+(?::[0-9]{1,5})?[/?#]")


# No file is without one of these, and nearly all texts are: their words need not be looked at.
_LONG_RUN = re.compile(rf"(?<![A-Za-z0-9+/_-])[A-Za-z0-9+/_-]{{{SHORTEST_LINE}}}")


def without_files(text: str, mark: str) -> str:
    """`text` with `mark` in place of every file in it; the same text where there is none."""
    if "data" not in text.lower() and not _LONG_RUN.search(text):
        return text
    parts, end = [], 0
    for start, stop in _find_files(text):
        parts += [text[end:start], mark]
        end = stop
    return "".join([*parts, text[end:]]) if parts else text


def _find_files(text: str) -> list[tuple[int, int]]:
    """The (start, end) of each file, in order."""
    stretches: list[tuple[int, int]] = []
    lines: list[tuple[int, int]] = []
    # A `data:` address goes on in the lines below it.
    continues = False
    passed = 0
    for word in _WORD.finditer(text):
        if _ANY_LETTER.search(text, passed, word.start()):
            # Another word in between ends every file.
            stretches += _find_wrapped_file(text, lines)
            lines, continues = [], False
        passed = word.end()
        text_part = word[0]
        size = len(text_part)
        whole = _WHOLE.match(text_part) is not None
        if whole and continues and (size >= SHORTEST_LAST_LINE or text_part.endswith("=")):
            stretches[-1] = (stretches[-1][0], word.end())
            continue
        continues = False
        last = bool(lines) and (size >= SHORTEST_LAST_LINE or text_part.endswith("="))
        if whole and (size >= SHORTEST_LINE or last):
            lines.append(word.span())
            continue
        stretches += _find_wrapped_file(text, lines)
        lines = []
        inside = _find_in_word(text_part, word.start())
        continues = bool(inside) and inside[-1][1] == word.end()
        stretches += inside
    return stretches + _find_wrapped_file(text, lines)


def _find_wrapped_file(text: str, lines: list[tuple[int, int]]) -> list[tuple[int, int]]:
    joined = "".join(text[start:stop] for start, stop in lines)
    if len(joined) <= LONGEST_RUN or not _is_varied(joined):
        return []
    sure = len(joined) > SURELY_WRAPPED or "+" in joined or "/" in joined
    if sure or any(stop - start > LONGEST_RUN for start, stop in lines):
        return [(lines[0][0], lines[-1][1])]
    return []


def _find_in_word(word: str, offset: int) -> list[tuple[int, int]]:
    """Files in a word that contains other text too."""
    # The file is the text behind `data:` up to the next blank.
    data = _DATA.search(word)
    if data is None and len(word) <= LONGEST_RUN:
        return []
    head = word[: data.start()] if data else word
    longest = LONGEST_RUN_IN_ADDRESS if "://" in head or _ADDRESS.match(head) else LONGEST_RUN
    stretches = [
        (offset + run.start(), offset + run.end())
        for run in _RUN.finditer(head)
        if run.end() - run.start() > longest and _is_varied(run[0])
    ]
    return [*stretches, (offset + data.start(), offset + len(word))] if data else stretches


def _is_varied(text: str) -> bool:
    characters = set(text)
    return (
        len(characters) >= FEWEST_CHARACTERS
        and any(character.isdigit() for character in characters)
        and any(character.isupper() for character in characters)
        and any(character.islower() for character in characters)
    )
