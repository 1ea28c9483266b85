"""What speaks of a title's making, selling and merits, and not of its story: closed lists."""

from __future__ import annotations

import re


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


SORT = (
    r"(?:film|movie|comedy|drama|thriller|musical|western|documentary|mockumentary|docudrama|series|sitcom|programme|special|short|"
    r"fantasy|romance|satire|biopic|mystery|comedy-drama|romcom|adventure|caper|chiller)"
)
_MAKING_WORDS = _words("""
    screenplay screenplays screenwriter screenwriters script scripted teleplay directorial starred starring
    costar costars cameo cameos ensemble cast casting reprise reprised reprises reprising adaptation
    adaptations adapted predecessor predecessors adapts adapting collaboration consultants retelling reimagining sequel sequels prequel prequels trilogy remake remakes remade
    reboot reboots installment installments instalment instalments franchise premiere premiered premieres
    premiering theatrical theatrically grossed grossing gross budget budgeted critics critical critically
    reviews reviewers acclaim acclaimed praised panned reception blockbuster flop nominated nomination
    nominations nominee oscar oscars emmy emmys soundtrack soundtracks cinematography cinematographer filmed
    filming production productions coproduction producer producers distributor distribution dvd dvds vhs
    blu-ray netflix hbo hulu broadcast aired airing screened screening mpaa uncredited credits genre genres
    parody parodies parodying spoof spoofs anthology mockumentary debut debuts debuted filmmaking copyright wikipedia
    imdb metacritic cgi grammy uncut full-length feature-length performs performed footage tagline directed composed financed distributed
    novelization novelisation novella memoir memoirs autobiography autobiographical loosely isbn
    """)
"""Words that a sentence about making, selling or receiving a title uses, and a story seldom does."""
_MAKING = re.compile(
    r"""\b(?:
      (?:produced|written|edited|narrated|animated|based|inspired|presented|developed|created|hosted)\s+(?:\w+\s+){0,3}?(?:by|on|upon|from)
    | co-(?:written|wrote|produced|directed|stars?|starring|production)
    | (?:film|movie|series|it|which|both\s+films)\s+(?:also\s+)?(?:co-)?stars? | stars?\s+(?:in\b|(?-i:[A-Z][a-z]+\s+[A-Z])) | star\.?$
    | (?:title|titular|lead|leading|main|supporting|starring|dual)\s+(?:roles?|actors?|actress|characters?|villain) | role\s+(?:of|as|was|is)
    | in\s+the\s+roles? | (?:play|portray|voic)ed\s+(?:\w+\s+)?by | voices?\s+(?:of|role|cast|acting) | appears?\s+(?:in|as)\s+(?:himself|herself|the\s+film)
    | (?:\d{4}|same|eponymous|best-?selling|graphic|classic|original|short|the|[A-Z]\w+'s)\s+(?:\w+\s+){0,2}(?:novels?|story\s+by|books?|plays?|poem|article|comics?)\b | novels?\s+(?:by|of|series|was|is)
    | (?:was|were|been|be|is|got|initially|later|originally|finally|and|it)\s+released\s+(?:in|on|by|to|as|through|under|via|direct|worldwide|theatrically|exclusively|with|internationally|simultaneously)
    | released\s+(?:it|the\s+film|by|on\s+\w+\s\d|in\s+(?:the\s+U|theat|cinemas|\d|\w+\s\d|North|select|limited|Japan|India)) | (?:limited|wide|international|initial|its)\s+release | opened\s+(?:in|on|to|at)
    | box[\s-]office | earn(?:ed|ing|s)\s+(?:\w+\s+)?[$\u20ac\u00a3] | [$\u20ac\u00a3]\d+(?:\.\d+)?\s+(?:million|billion)\s+(?:worldwide|budget|in\s+its|against|on\s+a)
    | received\s+(?:\w+\s+){0,2}(?:mixed|positive|negative|favou?rable|poor|rave|widespread|review|attention) | cult\s+(?:film|classic|following|status|hit)
    | (?:commercial|financial)(?:ly)?\s+(?:success\w*|failure|hit|disappoint\w+) | golden\s+globes? | (?:academy|best)\s+(?:award|picture|actor|actress|director|original)
    | (?<![\w-])awards?(?![\w-]) | palme\s+d'or | film\s+score | theme\s+song | score\s+(?:by|was|is) | songs?\s+(?:by|written) | music\s+(?:by|was|is|score)
    | (?:was|were|being)\s+shot\s+(?:in|on|at|entirely|mostly|over|back) | shot\s+(?:on\s+location|entirely|digitally) | (?:principal|location)\s+photography
    | home\s+(?:video|media) | (?:direct|straight)[\s-]to[\s-]\w+ | (?:television|tv|film|movie|video\s+game|manga|anime|comic)\s+(?:film|movie|series|special|history|version|adaptation|critic|studio|festival|rights|franchise)
    | film\s+festival | rated\s+(?:r|pg|x|nc)\b | running\s+time | (?:film|movie)\s+is\s+dedicated | tribute\s+to | notable\s+for | (?:best|well|widely|also)\s+known\s+(?:for|as)
    | (?:is|are|was|were|been|widely|often|now)\s+(?:considered|regarded|ranked|described|dubbed|listed|cited|selected) | (?:film|movie)'s\s+(?:title|score|music|success|release|cast|script|themes?|director|poster|tone|style|budget)
    | title\s+(?:is|was|refers|comes|of\s+the) | (?:short|feature|feature-length|documentary|animated|3d|3-d|live-action|independent|language|silent)[\s-]films?
    | (?:the|this|these|both|other|his|her|first|second|third|fourth|fifth|sixth|previous|original|final|last|last|only|\d{4}|several|two|three|many)\s+(?:[\w-]+\s+){0,2}(?:films|movies|film|movie)\b(?!\s+(?:star|crew|director|student|studies|set|producer|festival))
    | films?\s+(?:by|of|like|such|in\s+the\s+series) | marks?\s+the | marked\s+the | audiences | viewers | interviews?\s+with\s+(?:the\s+)?(?:cast|director|actors)
    | (?:special|visual)\s+effects | stop[\s-]motion | public\s+domain | rotten\s+tomatoes | characters?\s+(?:is|are|was|were|named\s+after|from) | plot\s+(?:elements|twists) | storyline\s+(?:is|was)
    | (?:roles?|actors?|actresses|performers)\s+includ(?:e|es|ing)\b | animation\s+(?:was|is|by)\b | animated\s+(?:portions|sequences|segments)
    | (?:have|has|had|with|in|their|minor|small|key|prominent)\s+roles? | guest\s+appearances? | elements\s+(?:from|of\s+the)\s+(?:the\s)?(?:game|book|novel)
    | marks\s+(?:his|her|their|its) | the\s+return\s+of\s+(?-i:[A-Z]) | as\s+of\s+(?-i:[A-Z]|\d) | (?:his|her|their)\s+(?:first|second|third|\w+th|last)\s+(?:collaboration|directorial|feature)
    | ^(?:the|its)\s+(?:story|plot|narrative|storyline)\s+(?:is|was)\s+(?:an?\s+(?:\w+\s+){0,2}account|presented|told|based|inspired|narrated|divided|loosely) | home\s+run\s+record | rock\s+videos?
    | actors?\s(?:depict|play|portray)s? | aspects\s+of\s+the\s+(?:story|film) | story\s+mirrors? | is\s+dedicated\s+to
    | details\s+of\s+.{3,80}\s+changed | appears?\s+as\s+(?:an?|the)\s | (?:story|storyline|plot)\s.{0,40}resembl(?:es|ing)
    | title\s.{0,40}\scomes\s | the\s+character\s+of | appears?\s+in\s+(?:\w+\s+){0,3}roles? | stars?\s+alongside
    | alongside\s+(?-i:[A-Z]\w+\s+[A-Z]\w+)\s+playing | \bit\s+is\s+an?\s+(?:[\w-]+\s+){0,3}(?:account|tale|story|look|study|portrait)
    | watching\s+(?:it|the\s+film) | new\s+characters | characters\s+such\s+as | \bstar; | also\s+(?:featured|appears?|stars?)\b | is\s+depicted\s+as | originally\s+intended | original\s+premise
    | (?:one\s+of\s+)?cinema's | more\s+episodes | number\s+of\s+episodes
    | created\s+the\s+(?:story|characters?) | (?:was|were)\s+influenced\s+by | collaborat\w+\s+again | hallmarks? | (?:many|several|recurring)\s+motifs
    )""",
    re.IGNORECASE | re.VERBOSE,
)
"""What such sentences say in more than a word."""
_BARE = re.compile(rf"^An?\s(?:[\w-]+,?\s){{0,8}}{SORT}[.!]?$", re.IGNORECASE)
_SELLING = re.compile(
    r"""\b(?:award-winning|must-see|unmissable|critically|acclaimed|hilarious\w*|hilarity|laugh-out-loud|side-splitting|
      feel-good|heart-?warming|edge-of-your-seat|unforgettable|stunning(?:ly)?|breath-?taking|masterpiece|masterful|
      gripping|riveting|thrilling|captivating|dazzling|delightful|sensational|star-studded|world-famous|much-loved|iconic|
      epic\s(?:tale|saga|story|adventure|drama|journey)|hit\s(?:series|show|film|movie|comedy|drama|play|musical|fantasy)|smash\shit|
      blockbusting|bestselling|cult\s(?:classic|hit|film|comedy|series)|
      (?:best|greatest|finest|funniest|scariest|biggest|most\s\w+)\s(?!friends?\b|mates?\b|man\b|men\b|interests?\b|efforts?\b)(?:\w+\s){0,2}(?:ever|yet|of\sall|of\sthe\syear|on\stv|on\stelevision)|
      (?-i:you|You|your|Your|you'll|You'll|you're|yourself|we|We|our|Our|us)|don't\smiss|not\sto\sbe\smissed|tune\sin|stream(?:ing)?\snow|
      coming\ssoon|(?:now|also)\savailable|available\s(?:now|on|from|to)|(?:only|exclusively)\son|for\sthe\swhole\sfamily|for\sall\sthe\sfamily|family-friendly|fun\sfor|perfect\sfor|
      (?:beautifully|brilliantly|superbly|wonderfully|sharply|finely|exquisitely)\s(?:acted|written|observed|shot|made|told|crafted)|
      true\sstory|real\sevents|true\sevents|real-life\sstory|brand[\s-]new\s(?:series|drama|comedy|episode))\b|
      ^(?:join|find\sout|watch|discover|meet\sthe|get\sready|prepare|experience|follow|see)\s(?:us|as|the|how|why|what|who|for|to|yourself)\b""",
    re.IGNORECASE | re.VERBOSE,
)
"""Claims and talk to the viewer: they need facts that a description is not."""
_OF_PROGRAMMES = frozenset(
    {
        "performs",
        "performed",
        "critics",
        "producer",
        "production",
        "soundtrack",
        "cast",
        "casting",
        "awards",
        "budget",
    }
)
"""Words that a programme's own contents may be told with."""
_WORD = re.compile(r"[a-z][a-z-]+")


def is_talk(said: str, noun: str) -> bool:
    """Whether words speak of how a title was made, sold or received, praise it, or speak to a viewer.

    Args:
        said: A sentence, or what it says that a film tells.
        noun: What its title is called: a programme may have performers and producers in it.
    """
    if _SELLING.search(said) or _BARE.match(said) or _MAKING.search(said):
        return True
    making = _MAKING_WORDS.intersection(_WORD.findall(said.lower()))
    return bool(making - (_OF_PROGRAMMES if noun in {"programme", "episode"} else frozenset()))
