"""What models that were taught to chat put around a text, taken off again.

Only what stands around it, and only where it is plain that it does not belong to it: reasoning, a code
fence, an opening line such as "Sure! Here is your promo:", a label, a closing note, quotation marks
around all of it, asterisks for emphasis, paragraphs. None of it but reasoning may hold a slot, so the slots of a
text stay what they were. Whatever else a model adds is left for the checks to refuse.
"""

from __future__ import annotations

import re

_NAMES = "think|thinking|thought|reasoning"
_OPENS = rf"(?:<(?:{_NAMES})>|\[THINK\])"
_CLOSES = rf"(?:</(?:{_NAMES})>|\[/THINK\])"
_REASONING = re.compile(rf"(?i){_OPENS}|{_CLOSES}")
_REASONED = re.compile(rf"(?is)\s*{_OPENS}?(?:(?!{_OPENS}|{_CLOSES}).)*{_CLOSES}")
"""The tag that opens it may have stood in the prompt."""

_FENCE = re.compile(r"(?s)(`{3,5})[ \t]{0,3}\w*[ \t]{0,3}\n(.*?)\n?[ \t]{0,3}\1")
_WHAT = (
    r"(?:promo|synopsis|blurb|text|description|tagline|teaser|summary|copy|answer|output|response)"
)
_YES = r"(?:sure(?:\ thing)?|certainly|of\ course|absolutely|okay|ok|great|gladly|no\ problem)"
_PREAMBLE = re.compile(
    rf"""(?ix)
    {_YES}[!.][ ]?\n                          # Sure!
    | (?:{_YES}[!.,:\u2014-]?\s{{1,2}})?      # Sure! Here is a short promo for a tile:
      (?:here(?:'s|\u2019s|[ ]is|[ ]are)|below[ ]is|this[ ]is)
      [ ][^\n.!?:\[\]]{{0,80}}\b{_WHAT}\b[^\n.!?:\[\]]{{0,80}}:
    | (?:[#]{{1,6}}[ ])?{_WHAT}:              # Promo:
    | \*\*{_WHAT}(?::\*\*|\*\*:)
    """
)
_COUNT = re.compile(
    r"""(?ix) [*_]?\(
    (?: (?:~|about[ ]|approximately[ ]|exactly[ ])? \d+ (?:[ ]?/[ ]?\d+)?[ ](?:characters?|chars?|words?)
      | (?:characters?|words?|length)(?:[ ]count)?:?[ ]\d+ )
    [^()\[\]\n]{0,40} \)[*_]?"""
)
_FAREWELL = re.compile(
    r"(?i)(?:\*{0,2}note:|let me know|i hope this|feel free|would you like|if you(?:'d|\u2019d| would) like)"
    r"[^\n\[\]]*"
)
_EMPHASIS = re.compile(r"(?<![\w*])(\*{1,3})(?=[^\s*])([^*\n]*[^\s*])\1(?![\w*])")
_QUOTES = {
    '"': '"',
    "'": "'",
    "\u201c": "\u201d",
    "\u2018": "\u2019",
    "\u201e": "\u201c",
    "\u00ab": "\u00bb",
}
_BETWEEN_PARAGRAPHS = re.compile(
    r"(?<=[.!?\u2026\"\u201d)])[ \t]{0,3}\n[ \t\n]{0,6}(?=[A-Z0-9\[\"\u201c])"
)
_MAY_WRAP = re.compile(
    rf"""(?ix)
    [\"'\u201c\u2018\u201e\u00ab`*_\#<] | \[think | {_YES}\b | {_WHAT}\s{{0,2}}:
    | (?:here|below|this)\b (?! [^\n.!?:\[\]]*[.!?\[] )
    """
)
"""Begins like a wrapping; a line that a full stop or a slot ends before any colon is none."""
_MAY_TURN = re.compile(r"(?i)[\n*`<]|[*_]?\(|\[/?think|[*_]\Z|\[[^\]]*\Z")
"""Where a note, a count, an emphasis or reasoning could begin."""
_TOLD_APART = re.compile(r"[.!?\u2026\]]")
"""Before one of these came, a text may still turn into any wrapping."""
_APOSTROPHE = re.compile(r"(?<=\w)['\u2019](?=\w)")
_LONG = 20_000
"""Characters above which no check would let a text pass, whatever stands around it."""


def unwrapped(text: str) -> str:
    """`text` without what stands around it; empty if reasoning is all there is.

    Doing it twice changes nothing more.
    """
    if _REASONING.search(text) and (reasoned := _REASONED.match(text)):
        text = text[reasoned.end() :]
    text = text.strip()
    if _REASONING.search(text):
        # Unfinished, or in the midst of the text: nobody can tell what was meant to be read.
        return ""
    while len(text) < _LONG and (bare := _without_one(text)) != text:
        text = bare
    return text


def settled(text: str) -> str:
    """How much of a text in the making `unwrapped` will leave as it is, whatever follows.

    Nothing of a text that begins like a wrapping; else all up to where something might be taken off.
    Only reasoning that nothing opened, or that opens in the midst of a text, cannot be foreseen.
    """
    text = text.lstrip()
    if not _TOLD_APART.search(text) or _MAY_WRAP.match(text):
        return ""
    found = _MAY_TURN.search(text)
    return text[: found.start()] if found else text


def _without_one(text: str) -> str:
    """With the outermost wrapping taken off, unless nothing else is there."""
    for take_off in (_fence, _preamble, _count, _farewell, _quotes, _emphasis, _paragraphs):
        bare = take_off(text).strip()
        if bare and bare != text:
            return bare
    return text


def _fence(text: str) -> str:
    found = _FENCE.fullmatch(text)
    return found[2] if found else text


def _preamble(text: str) -> str:
    found = _PREAMBLE.match(text)
    return text[found.end() :] if found else text


def _count(text: str) -> str:
    begins = text.rfind("(")
    begins -= text[begins - 1 : begins] in {"*", "_"}
    return text[:begins] if begins > 0 and _COUNT.fullmatch(text[begins:]) else text


def _farewell(text: str) -> str:
    rest, _, last = text.rpartition("\n\n")
    return rest if _FAREWELL.fullmatch(last) else text


def _quotes(text: str) -> str:
    closing = _QUOTES.get(text[:1])
    if closing is None or not text.endswith(closing):
        return text
    inner = text[1:-1]
    plain = _APOSTROPHE.sub("", inner)
    # More of them within, and the first and the last may not belong together.
    return text if text[0] in plain or closing in plain else inner


def _emphasis(text: str) -> str:
    return _EMPHASIS.sub(r"\2", text)


def _paragraphs(text: str) -> str:
    """Whole sentences after one another; a list or a heading stays one, and is refused for it."""
    return _BETWEEN_PARAGRAPHS.sub(" ", text)
