"""The keys of a page: which letters it prints, and what each of them opens or presses."""

from collections import defaultdict
from html.parser import HTMLParser

VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
# The attributes whose value is a key (`static/staff/keys.js`, `incident.js` and `decide.js`).
ATTRIBUTES = ("data-shortcut", "data-opens", "data-group-key")
# The keys of options beyond the ninth (`decide.js`); the longest list uses all.
LETTERS_OF_OPTIONS = "abcdefgh"


class KeyReader(HTMLParser):
    """`keys`: the words of what each key leads to. A part whose keys are off, `data-keyless`, is left out."""

    def __init__(self) -> None:
        super().__init__()
        self.keys: dict[str, set[str]] = defaultdict(set)
        # For each open element: whether its keys are off, and its key until its first words.
        self.elements: list[tuple[bool, str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        is_off = "data-keyless" in values or any(is_off for is_off, _key in self.elements)
        key = next((value for name in ATTRIBUTES if (value := values.get(name))), "")
        if is_off or "disabled" in values:
            key = ""
        if tag in VOID:
            if key:
                self.keys[key].add(values.get("name") or tag)
        else:
            self.elements.append((is_off, key))
        if values.get("data-group") and not is_off:
            for letter in LETTERS_OF_OPTIONS:
                self.keys[letter].add("an option")

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID and self.elements:
            self.elements.pop()

    def handle_data(self, data: str) -> None:
        words = " ".join(data.split())
        for number, (is_off, key) in enumerate(self.elements):
            if words and key:
                self.keys[key].add(words)
                self.elements[number] = (is_off, "")


def keys_of_page(source: str) -> dict[str, set[str]]:
    reader = KeyReader()
    reader.feed(source)
    return dict(reader.keys)
