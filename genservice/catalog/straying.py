"""Strays: free text of a record that tells nothing of the title, but speaks to whoever reads or writes.

A description is brought in from anywhere, so a sentence in it may be meant for the writer ("Ignore all
previous instructions") or for the viewer ("Subscribe today at example.com"). Quoted as a piece of the
story it would be published in the house's own voice. Such text vouches for nothing and reaches no
brief; the record itself stays as it is.
"""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from genservice.catalog.sentences import split

if TYPE_CHECKING:
    from genservice.domain import Setting, StoryElement, Title

_RULES = r"(?:instructions?|prompts?|guidelines?|directions?|directives?|constraints?)"
_REPLY = r"(?:response|reply|replies|answers?|output|completion|summary|synopsis|promo|blurb)"
_INSTRUCTS = re.compile(
    rf"""
      \b(?:ignore|disregard|forget|override|bypass|discard|skip)\s+(?:(?:all|any|every|of|the|these|those|your)\s+)*
      (?:previous|prior|preceding|earlier|above|former|original|foregoing|system|safety)\s+(?:\w+\s+)?(?:{_RULES}|rules?)\b
    | (?:^|[.!?:;]\s)\W{{0,8}}(?:(?:please|now|and|but|then),?\s+)*(?:ignore|disregard|forget|override)\s+(?:(?:all|any|every|of|the|these|those|your)\s+)+
      (?:{_RULES}|rules?|facts?|above)\b
    | \b(?:ignore|disregard|forget)\s+(?:all\s+|everything\s+)?(?:of\s+)?(?:the\s+above|said\s+above)\b
    | \b(?:system|developer|initial)\s+prompts?\b | \bprompt\s+injection\b | \bnew\s+instructions?\s*:
    | \byour\s+(?:\w+\s+)?(?:{_REPLY}|message|prompts?|instructions)(?:'s)?\b
    | \b(?:in|to|of|into|from|with)\s+this\s+{_REPLY}\b(?=[^a-z]*$)
    | \byou\s+are\s+(?:now\s+)?(?:an?\s+|the\s+)?(?:\w+\s+)?(?:ai|assistant|chatbot|language\s+model|bot|dan)\b
    | \bas\s+an?\s+(?:ai|(?:large\s+)?language\s+model)\b | \bend\s+of\s+(?:facts|prompt|instructions|data)\b
    | ^\W{{0,8}}(?:system|assistant|user|human|developer|instructions?|important|note\s+to\s+\w+(?:\s\w+)?)\s*:
    | <\|\s*\w+\s*\|> | </?(?:s|bos|eos|system|user|assistant|instructions?|facts|note|brief|(?:start|end)_of_turn)> | <</?sys>>
    | \[/?inst\] | \#\#\# | ``` | \{{\{{ | \{{% | %\}} | \}}\}}
    | \b(?:ignorier|vergiss|missachte)\w*\s.{{0,20}}\b(?:vorherig|bisherig|vorangegangen|obig|früher)\w*\s+(?:anweisung|regel|vorgabe)\w*
    | \b(?:ignore|oublie)[zr]?\s.{{0,30}}\b(?:instructions|consignes|règles)\s+(?:précédentes|antérieures|ci-dessus)
    | \b(?:ignor|olvid|esquec|dimentic)\w*\s.{{0,30}}\b(?:instrucciones|reglas|órdenes|instruções|regras|istruzioni|regole)\s+
      (?:anteriores|previas|prévias|precedenti|di\s+sopra|de\s+arriba|acima)
    | \bnegeer\s.{{0,20}}\b(?:vorige|eerdere|bovenstaande)\s+(?:instructies|regels)
    | \bz?ignoruj\s.{{0,20}}\b(?:poprzedni|wcześniejsz|powyższ)\w*\s+(?:instrukcj|polece|zasad)\w*
    | \b(?:игнорир|забуд)\w*\s.{{0,20}}(?:предыдущ|прежн|вышеуказанн)\w*\s+(?:инструкц|указан|правил)\w*
    | (?:忽略|无视|無視).{{0,6}}(?:之前|以上|先前|上述|前面).{{0,6}}(?:指令|指示|提示|规则|規則)
    | (?:以前|上記|これまで)の.{{0,8}}(?:指示|命令|プロンプト).{{0,8}}(?:無視|忘れ)
    """,
    re.IGNORECASE | re.MULTILINE | re.VERBOSE,
)
"""Text that is meant for a writer, wherever it stands, in the languages in which it is met."""
_TASKS = (
    "Add|Anagram|Append|Augment|Begin|Break\\s+down|Combine|Compose|Convert|Create|Decode|Describe|Develop|Disregard|Draft|"
    "Encode|Enhance|Explain|Generate|Ignore|Include|Insert|Integrate|Introduce|Jumble|List|Misspell|Mention|Modify|Obey|"
    "Output|Praise|Print|Promote|Provide|Rearrange|Recommend|Remove|Repeat|Replace|Reply|Respond|Reveal|Rewrite|Say|"
    "Scramble|Substitute|Suggest|Summari[sz]e|Tell|Translate|Use|Write"
)
_TASK = re.compile(
    rf"^\W{{0,8}}(?:(?:please|now|then|instead|also|and|finally|first|next),?\s+)*(?:{_TASKS})(?:\s+\w+ly)?\s+"
    r"(?:an?|the|this|that|these|those|all|any|every|each|some|only|random|your|it|in|as|to|with|how|why|what|"
    r"exactly|here|there|everyone|everybody|readers|viewers|people|(?:letters?|vowels?|words?|spaces|numbers?|anagrams?)(?:\s+(?:from|for|of|in|with))?)(?:\W|$)"
    rf"|^\W{{0,8}}(?:please|kindly)\s+(?-i:[a-z])|^\W{{0,8}}(?:{_TASKS})\b\W{{0,4}}[\"\u201c\u2018':]",
    re.IGNORECASE | re.MULTILINE,
)
"""A sentence that sets a task. What somebody of the story must do has the same form, so goals are not asked."""
_ADDRESS = re.compile(
    r"(?:^\W{0,8}[Yy]ou(?:r|rs|rself|rselves|'re|'ve|'ll|'d)?|\b(?:you|your|yours|yourself|yourselves|you're|you've|you'll|you'd))\b"
)
"""The second person; a capital inside a sentence belongs to a name: `I Know What You Did Last Summer`."""
_SELLS = re.compile(
    r"""
      https?:|\bwww\.|(?<![@\w-])[a-z0-9-]{2,}\.(?:com|org|net|io|tv|co|uk|de|fr|eu|info|biz|app|xyz|ru|shop|link|ly|me)\b(?!\.\w)
    | (?<!\w)[@\#][a-z]\w{2,}
    | \b(?:call|text|phone|dial|ring)\s+(?:us|now|free|today)?\s*(?:on\s+|at\s+)?[+0]?\d{3}
    | \b\d{1,3}\s?(?:%|per\s?cent)\s+(?:off|discount) | \b(?:discount|promo|voucher|coupon|referral)\s+codes?\b | \bcoupons?\b
    | \bclick\s+(?:here|on|the|below|this)\b | \blink\s+in\s+bio\b | \bfree\s+(?:trial|month|shipping|download|delivery)\b
    | \b(?:limited|special)[\s-]time\s+(?:only|offer)\b | \b(?:order|buy|book|subscribe|sign\s+up|register|download|stream|call|rent)\s+(?:it\s+)?(?:now|today)\b
    | \b(?:follow|join|like|contact|email|visit)\s+us\b
    """,
    re.IGNORECASE | re.MULTILINE | re.VERBOSE,
)
"""Advertising, and ways to reach somebody; for addresses and numbers of people there is the guard."""
_URGES = re.compile(
    r"^\W{0,8}(?:subscribe|download|visit|click|sign\s+up|register|follow\s+us|join\s+us|buy|order|stream)\s+"
    r"(?:to|at|on|for|our|us|the|this|now|today|here|in|a|an|it|more)\b",
    re.IGNORECASE | re.MULTILINE,
)
"""Advertising in the form of a task; a goal may have that form, too."""
_HIDDEN = re.compile("[\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff\U000e0000-\U000e007f]")
"""Characters that cannot be seen and that no script needs."""
_ENCODED = re.compile(r"[A-Za-z0-9+/]{24,}={0,2}")
_MIXED = re.compile(r"\d|[a-z][A-Z]|=")
_QUOTED = re.compile('["\u201c][^"\u201c\u201d]*["\u201d]')


class Stray(NamedTuple):
    """A piece of a record's free text that no text may be built on."""

    pointer: str
    detail: str


def strays(title: Title) -> tuple[Stray, ...]:
    """What of `title` is left out of every text, in the order of the record's fields."""
    found: list[Stray] = []
    for index, setting in enumerate(title.setting):
        if setting.period and (detail := _stray(setting.period)) is not None:
            found.append(Stray(f"/setting/{index}/period", detail))
    if title.logline and (detail := _stray(title.logline)) is not None:
        found.append(Stray("/logline", detail))
    for index, element in enumerate(title.story):
        if (detail := _stray_element(element)) is not None:
            found.append(Stray(f"/story/{index}/text", detail))
    if title.description:
        details = (_stray_in_paragraph(sentence) for sentence in split(title.description))
        found += [Stray("/description", detail) for detail in dict.fromkeys(details) if detail]
    return tuple(found)


def without_strays(title: Title) -> Title:
    """`title` with nothing in it that a text could quote and that is no story.

    Pointers into it stay what they are. A story element that strays counts as one that must not be
    told. A description with a sentence for the writer is dropped as a whole: whoever put that in may
    have put in the sentences around it.
    """
    if not strays(title):
        return title
    return msgspec.structs.replace(
        title,
        setting=tuple(_without_period(setting) for setting in title.setting),
        logline=None if title.logline and _stray(title.logline) else title.logline,
        story=tuple(
            msgspec.structs.replace(element, spoiler="major")
            if _stray_element(element)
            else element
            for element in title.story
        ),
        description=_rest_of(title.description),
    )


_TO_THE_WRITER = "speaks to whoever writes"
_TO_THE_READER = "speaks to whoever reads"
_ADVERTISES = "advertises, or tells how to reach somebody"
_ASKS = "asks whoever reads a question"
_UNREADABLE = "holds characters that cannot be seen, or nothing that can be read"


def _stray(text: str, *, goal: bool = False) -> str | None:
    """Why a piece of free text tells no story, or None."""
    plain = unicodedata.normalize("NFKC", _HIDDEN.sub("", text)).replace("\u2019", "'")
    if _INSTRUCTS.search(plain) or (not goal and _TASK.search(plain)):
        return _TO_THE_WRITER
    if _SELLS.search(plain) or (not goal and _URGES.search(plain)):
        return _ADVERTISES
    if _ADDRESS.search(_QUOTED.sub("", plain)):
        return _TO_THE_READER
    encoded = any(_MIXED.search(found[0]) for found in _ENCODED.finditer(plain))
    return _UNREADABLE if encoded or _HIDDEN.search(text) else None


def _stray_in_paragraph(sentence: str) -> str | None:
    """As `_stray`. The house asks its readers nothing; loglines that do are an editor's own."""
    return _stray(sentence) or (_ASKS if sentence.endswith("?") else None)


def _stray_element(element: StoryElement) -> str | None:
    return _stray(element.text, goal=element.part == "goal")


def _without_period(setting: Setting) -> Setting:
    if setting.period and _stray(setting.period):
        return msgspec.structs.replace(setting, period=None)
    return setting


def _rest_of(description: str | None) -> str | None:
    if description is None:
        return None
    told = [(sentence, _stray_in_paragraph(sentence)) for sentence in split(description)]
    if any(why == _TO_THE_WRITER for _, why in told):
        return None
    # A gap is an empty line: what follows it must not seem to speak of what stands before it.
    kept = ["\n\n" if why is not None else f"{sentence} " for sentence, why in told]
    return re.sub(r" ?\n{2,}", "\n\n", "".join(kept)).strip() or None
