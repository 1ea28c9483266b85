"""The closed word lists of the check: which words claim nothing, and which never pass on their own."""

from __future__ import annotations


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


FUNCTION_WORDS = _words(
    """
    a the this that these those it its itself they them their theirs themselves who whom whose which
    what where when while why how there here
    of in on at by for from to into onto with within without about above across after against along
    among amid around as before behind below beneath beside besides between beyond down during except
    inside like near off out outside over past per since through throughout toward towards under
    underneath until till up upon via
    and or but nor so yet if than then though although unless whether because once both either
    neither each every all any some such other others another own same
    is are was were be been being am has have had having do does did doing done can could may might
    must shall should will would
    it's that's who's what's where's there's here's they're they've they'll it'll
    """
)
"""Articles, pronouns of things and groups, prepositions, conjunctions, auxiliaries: free anywhere."""

NEGATIONS = _words("no not never none nobody nothing nowhere cannot hardly barely without except")
"""Words that turn a statement round: they pass only inside an exact quotation or a house phrase."""

NUMBER_WORDS = _words(
    """
    zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen
    sixteen seventeen eighteen nineteen twenty thirty forty fifty sixty seventy eighty ninety hundred
    thousand million billion dozen first second third fourth fifth sixth seventh eighth ninth tenth
    half double twice thrice single pair couple
    """
)
"""Numbers in words: like digits, they pass only where a fact has them in the same place."""

PRONOUNS: dict[str, str] = {
    "she": "she",
    "her": "she",
    "hers": "she",
    "herself": "she",
    "she's": "she",
    "she'll": "she",
    "she'd": "she",
    "he": "he",
    "him": "he",
    "his": "he",
    "himself": "he",
    "he's": "he",
    "he'll": "he",
    "he'd": "he",
}
"""Pronouns that tell a person's gender, and which."""

ADDRESS = _words(
    """
    you your yours yourself yourselves you're you've you'll you'd i i'm i've i'll me my mine myself
    we we're we've we'll us our ours ourselves
    """
)
"""Words that speak to the viewer or for the service."""

VIEWER_WORDS = _words("you your yours yourself yourselves you're you've you'll you'd")

NEVER_ALONE = NEGATIONS | NUMBER_WORDS | ADDRESS | frozenset(PRONOUNS)
"""Words that pass only within a whole: a quotation, a label, a house phrase."""

NOT_SUPERLATIVE = _words(
    """
    forest quest guest honest interest west east arrest protest request harvest priest contest
    suggest modest rest test nest chest crest behest conquest attest bequest digest earnest infest
    ingest invest jest latest manifest midwest molest northwest northeast southwest southeast pest
    tempest unrest vest zest wrest everest budapest headrest inquest detest divest beset
    """
) - {"latest"}
"""Words on -est that praise nothing."""


def is_content(norm: str) -> bool:
    """Whether a word says something that needs a source."""
    return norm not in FUNCTION_WORDS or norm in NEGATIONS


def is_superlative(norm: str) -> bool:
    """Whether a word has the form of a superlative."""
    return len(norm) > 4 and norm.endswith("est") and norm not in NOT_SUPERLATIVE
