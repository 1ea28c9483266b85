"""Names people go by online, and mail addresses as people disguise them."""

from __future__ import annotations

import re

from genservice.privacy.rules.rule import EVERYWHERE, Rule, either, shown, words

_SERVICES = (
    r"ig insta(?:gram)? fb facebook snap(?:chat)? tiktok tik\stok twitter x\.com discord telegram skype steam"
    r" twitch reddit mastodon bluesky bsky threads linkedin tumblr letterboxd trakt youtube yt psn xbox(?:\slive)?"
    r" gamertag switch\sfriend"
)
_NAMED = r"user\s?name screen\s?name login handle nick(?:name)?"
_NEEDED = words(
    "ig insta instagram fb facebook snap snapchat tiktok tik twitter x discord telegram skype steam twitch reddit"
    " mastodon bluesky bsky threads linkedin tumblr letterboxd trakt youtube yt psn xbox gamertag switch user"
    " username screen screenname login handle nick nickname tag"
)
_NICK = r"@?[\w][\w.\-]{1,29}"
_SITES = either(
    r"(?:instagram|facebook|fb|twitter|x|tiktok|twitch|linkedin|reddit|letterboxd|trakt|youtube|t|telegram|github"
    r"|snapchat|pinterest|tumblr|last|imdb|steamcommunity|threads|medium|soundcloud|vk|onlyfans|patreon"
    r"|goodreads)\.(?:com|tv|net|me|fm|co|org)"
)
_PLAIN = words(
    "a an the my your his her our their this that it is was are not so too very full dead down great good bad fun"
    " better best worse awful broken boring amazing where what when how why who because and or but if for from in"
    " on at to of with about all more just only here there always never also saying going making getting making"
    " like user users name handle account profile page feed post posts story stories chat group server channel"
    " friend friends app live one ok okay fine off"
)


def _looks_made_up(match: re.Match[str]) -> bool:
    """Not an ordinary word: digits, dots and underscores within, or nothing that says otherwise."""
    return shown(match).strip("@.-") not in _PLAIN


def _has_a_mark(match: re.Match[str]) -> bool:
    token = shown(match).strip("@.-")
    return token not in _PLAIN and re.search(r"[\d_]|\w\.\w", token) is not None


def _an_address(match: re.Match[str]) -> bool:
    local, after = re.split(r"\s(?:at|@)\s", match.group(), maxsplit=1)
    return re.search(r"[\d._]", local) is not None or len(after.split()) > 1 or "." in after


def _with_a_letter(match: re.Match[str]) -> bool:
    return re.search(r"[^\W\d_]", shown(match)) is not None


RULES: tuple[Rule, ...] = (
    Rule(
        type="HANDLE",
        score=0.9,
        sides=EVERYWHERE,
        needs=(frozenset("@"),),
        pattern=r"(?<![\w@.+\-])@\w(?:[\w.\-]{0,28}\w)?(?:@[\w\-]{1,40}(?:\.[\w\-]{2,24}){1,3})?",
    ),
    Rule(type="HANDLE", score=0.8, sides=EVERYWHERE, needs=(frozenset("#"),), pattern=r"(?<![\w.])[\w.]{2,32}#\d{4}\b",
         accept=_with_a_letter),
    Rule(
        type="HANDLE",
        score=0.7,
        needs=(frozenset("/"),),
        pattern=r"(?<![\w/.])/?u/[\w\-]{3,20}\b",
    ),
    Rule(
        type="HANDLE",
        score=0.8,
        sides=EVERYWHERE,
        needs=(frozenset("/"),),
        pattern=(
            rf"(?<![\w@])(?:https?://)?(?:www\.|m\.)?{_SITES}/(?:(?:in|user|u|c|channel|id|profiles|add)/)?@?[\w.\-]{{2,40}}(?:/[\w.\-]{{0,40}}){{0,3}}"
        ),
    ),
    Rule(
        type="HANDLE",
        score=0.7,
        needs=(_NEEDED,),
        pattern=(
            rf"\b(?:{either(_SERVICES)}|{either(_NAMED)})(?:\s(?:id|name|handle|user(?:name)?|tag|account|profile))?"
            rf"\s?[:=]\s?(?P<it>{_NICK})"
        ),
        accept=_looks_made_up,
    ),
    Rule(
        type="HANDLE",
        score=0.6,
        needs=(_NEEDED,),
        pattern=(
            rf"\bmy\s(?:{either(_SERVICES)}|{either(_NAMED)})(?:\s(?:id|name|handle|user(?:name)?|tag|account|profile))?"
            rf"(?:\son\s\w{{2,12}})?\s?(?:is|'s)\s(?P<it>{_NICK})(?=\s{{0,3}}(?:$|[.,;!?)]|and\b|if\b|dm\b|on\b))"
        ),
        accept=_looks_made_up,
    ),
    Rule(
        type="HANDLE",
        score=0.6,
        needs=(_NEEDED,),
        pattern=(
            rf"\b(?:{either(_SERVICES)}|{either(_NAMED)})(?:\s(?:id|name|handle|user(?:name)?|tag|account|profile|as|is|under|me|at)){{0,2}}"
            rf"\s(?P<it>{_NICK})"
        ),
        accept=_has_a_mark,
    ),
    Rule(
        type="HANDLE",
        score=0.4,
        needs=(frozenset("_"),),
        # Nobody writes words with underscores between them but in a name of an account or of a file.
        pattern=r"(?<![\w.@/\-])(?=[\w.\-]{0,30}[a-z]{2})[a-z\d]{1,20}(?:_{1,2}[a-z\d]{1,20}){1,5}(?![\w@]|\.[a-z\d])",
    ),
    Rule(
        type="EMAIL_ADDRESS",
        score=0.8,
        sides=EVERYWHERE,
        needs=(frozenset({"at"}),),
        pattern=(
            r"\b[\w+\-][\w.+\-]{0,63}\s?[(\[{<]\s?at\s?[)\]}>]\s?[\w\-]{1,63}"
            r"(?:\s?(?:[(\[{<]\s?dot\s?[)\]}>]|\.)\s?[\w\-]{2,24}){1,4}"
        ),
    ),
    Rule(
        type="EMAIL_ADDRESS",
        score=0.6,
        needs=(frozenset({"at"}), frozenset({"dot"})),
        pattern=(
            r"\b(?!(?:me|us|him|her|them|you|it|mail|email|am|are|is|was|write|reach|look|looks|works?|live|lives)\sat\s)"
            r"[\w+\-][\w.+\-]{0,63}(?:\s(?:dot|underscore|dash)\s[\w\-]{1,40}){0,3}\sat\s[\w\-]{1,63}(?:\sdot\s[\w\-]{2,24}){1,4}\b"
        ),
    ),
    Rule(
        type="EMAIL_ADDRESS",
        score=0.6,
        needs=(frozenset({"at"}), words("gmail googlemail hotmail outlook yahoo icloud gmx protonmail proton aol web")),
        pattern=r"\b[\w+\-][\w.+\-]{1,63}\s(?:at|@)\s(?:gmail|googlemail|hotmail|outlook|yahoo|icloud|gmx|proton(?:mail)?|aol)\b(?:\s?(?:\.|dot)\s?[\w]{2,6}){0,2}",
        accept=_an_address,
    ),
    Rule(
        type="EMAIL_ADDRESS",
        score=0.4,
        needs=(frozenset("@"),),
        pattern=r"(?<![\w.+\-])[\w.+\-]{1,64}\s?@\s?[\w\-]{1,63}(?:\.[\w\-]{1,63}){1,5}|(?<![\w.+\-])[\w.+\-]{1,64}@[\w.\-]{1,253}",
    ),
)  # fmt: skip
