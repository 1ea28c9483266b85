"""What each recogniser finds and leaves, as spans: one row a case, negatives beside positives."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from genservice.privacy import TYPES, Side
from genservice.privacy.screening import screen
from tests.unit.privacy import test_spans_accounts, test_spans_national
from tests.unit.privacy.spans import types_shown

TABLES = ((test_spans_national.EVERYWHERE, ""), (test_spans_accounts.ACCOUNTS, "ACCOUNT_NUMBER"))


@dataclass(frozen=True)
class Case:
    id: str
    text: str
    found: tuple[tuple[str, str], ...] = ()
    """Type and the words found, in order."""
    side: Side = "viewer"


def _found(case: Case, engine) -> tuple[tuple[str, str], ...]:
    screening = screen(case.text, case.side, engine=engine)
    return tuple(
        (finding.type, case.text[finding.start : finding.end]) for finding in screening.findings
    )


IDENTIFIERS = (
    Case("e-mail", "mail emma@example.com now", (("EMAIL_ADDRESS", "emma@example.com"),)),
    Case("e-mail in a title", "Ask casting@studio.example.", (("EMAIL_ADDRESS", "casting@studio.example"),), "title"),
    Case("e-mail, no public suffix", "x at emma@intranet", (("EMAIL_ADDRESS", "emma@intranet"),)),
    Case("e-mail spelt out", "emma at example dot com", (("EMAIL_ADDRESS", "emma at example dot com"),)),
    Case("e-mail in brackets", "emma (at) example (dot) com", (("EMAIL_ADDRESS", "emma (at) example (dot) com"),), "title"),
    Case("e-mail, full width", "emma＠example．com", (("EMAIL_ADDRESS", "emma＠example．com"),)),
    Case("no e-mail: a place", "look at the sea"),
    Case("phone, British", "on 020 7946 0958 please", (("PHONE_NUMBER", "020 7946 0958"),)),
    Case("phone, mobile", "it is 07700 900123", (("PHONE_NUMBER", "07700 900123"),)),
    Case("phone, American", "call 212-555-0142", (("PHONE_NUMBER", "212-555-0142"),)),
    Case("phone, international, in a title", "Call +44 20 7946 0958.", (("PHONE_NUMBER", "+44 20 7946 0958"),), "title"),
    Case("phone, Arabic digits", "it is ٠٧٧٠٠ ٩٠٠١٢٣", (("PHONE_NUMBER", "٠٧٧٠٠ ٩٠٠١٢٣"),)),
    Case("no phone: a span of years", "films from 1994-2004"),
    Case("no phone: titles with numbers", "12 Angry Men, 2001: A Space Odyssey (1968)", (), "title"),
    Case("no phone: money", "for 1,000,000 dollars"),
    Case("no phone: minutes", "about 90 minutes, 10 episodes"),
    Case("card", "card 4111 1111 1111 1111 ok", (("CREDIT_CARD", "4111 1111 1111 1111"),)),
    Case("card in a title", "He pays with 4111111111111111.", (("CREDIT_CARD", "4111111111111111"),), "title"),
    Case("card with a wrong sum still goes", "it is 4111 1111 1111 1112", (("ACCOUNT_NUMBER", "4111 1111 1111 1112"),)),
    Case("IBAN", "to GB82 WEST 1234 5698 7654 32 today", (("IBAN_CODE", "GB82 WEST 1234 5698 7654 32"),)),
    Case("IBAN in a title", "to DE89370400440532013000.", (("IBAN_CODE", "DE89370400440532013000"),), "title"),
    Case("IP 4", "from 192.168.1.10", (("IP_ADDRESS", "192.168.1.10"),)),
    Case("IP 6", "from 2001:db8::8a2e:370:7334", (("IP_ADDRESS", "2001:db8::8a2e:370:7334"),), "title"),
    Case("no IP: a time", "at 12:30 and 14:45"),
    Case("URL", "see https://example.com/u?id=3", (("URL", "https://example.com/u?id=3"),)),
    Case("URL without a scheme", "see www.example.org", (("URL", "www.example.org"),), "output"),
    Case("no URL: a full stop", "Home. The sea waits.", (), "output"),
    Case("wallet", "pay 1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa", (("CRYPTO", "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa"),)),
    Case("wallet, hex", "to 0x52908400098527886E0F7030069857D2E4169EE7", (("CRYPTO", "0x52908400098527886E0F7030069857D2E4169EE7"),)),
    Case("social security number", "is 219-09-9999", (("US_SSN", "219-09-9999"),)),
    Case("NHS number", "is 943 476 5919", (("UK_NHS", "943 476 5919"),)),
    Case("national insurance", "nino AB 12 34 56 C", (("UK_NINO", "AB 12 34 56 C"),)),
    Case("handle", "follow @emma_s", (("HANDLE", "@emma_s"),)),
    Case("handle in output", "[TITLE] by @emma_s", (("HANDLE", "@emma_s"),), "output"),
    Case("handle with a number", "as moth#1234", (("HANDLE", "moth#1234"),)),
    Case("handle announced", "insta: moth.ghost", (("HANDLE", "moth.ghost"),)),
    Case("no handle: an @ on its own", "meet @ noon"),
    Case("no handle: talk of a service", "twitter hated the ending"),
    Case("advertising id", "idfa 6D92078A-8246-4BA4-AE5B-76104861E7DC", (("DEVICE_ID", "6D92078A-8246-4BA4-AE5B-76104861E7DC"),)),
    Case("advertising id, all zeros", "00000000-0000-0000-0000-000000000000", (("DEVICE_ID", "00000000-0000-0000-0000-000000000000"),)),
    Case("MAC address", "on 00:1A:2B:3C:4D:5E", (("DEVICE_ID", "00:1A:2B:3C:4D:5E"),), "title"),
    Case("device id announced", "device id: AX99-812-bb7", (("DEVICE_ID", "AX99-812-bb7"),)),
    Case("hash", "key 9f86d081884c7d659a2feaa0c55ad015", (("DEVICE_ID", "9f86d081884c7d659a2feaa0c55ad015"),), "title"),
    Case("account", "account number 12345678", (("ACCOUNT_NUMBER", "12345678"),), "title"),
    Case("account, letters and digits", "my booking ref is QX7 1192", (("ACCOUNT_NUMBER", "QX7 1192"),)),
    Case("long number nobody explains", "it says 839201746", (("ACCOUNT_NUMBER", "839201746"),)),
    Case("no account: Order 66", "order 66 is a scene"),
    Case("no account: an account of things", "a true account of war"),
    Case("token", "key " + "aZ9-" * 70, (("OPAQUE", "aZ9-" * 70),), "title"),
)  # fmt: skip

PERSONAL = (
    Case("age", "I'm 34 and bored", (("AGE", "34"),)),
    Case("age in words", "i am thirty-four years old", (("AGE", "thirty-four years old"),)),
    Case("age of a child", "something for my 6 year old", (("AGE", "6 year old"),)),
    Case("age turned", "she just turned 40.", (("AGE", "40"),)),
    Case("age of the reader, in output", "You're 34, so laugh.", (("AGE", "34"),), "output"),
    Case("no age: how far in", "I'm 34 minutes in"),
    Case("no age: a character's, in output", "a 12-year-old finds a map", (), "output"),
    Case("no age in a title", "Thirty, flirty and 34 years old.", (), "title"),
    Case("birth date", "born 3 May 1988", (("DATE_OF_BIRTH", "3 May 1988"),)),
    Case("birth date in figures", "dob: 03/05/1988", (("DATE_OF_BIRTH", "03/05/1988"),)),
    Case("birth date, month first", "my birthday is on May 3rd", (("DATE_OF_BIRTH", "May 3rd"),)),
    Case("birth year", "born in 1988", (("DATE_OF_BIRTH", "1988"),)),
    Case("any full date", "since 1988-05-03", (("DATE_OF_BIRTH", "1988-05-03"),)),
    Case("no birth date: a year", "a film of 1988"),
    Case("no birth date in a title", "Born 3 May 1988 in Kiel.", (), "title"),
    Case("address", "at 12 Harbour Street", (("ADDRESS", "12 Harbour Street"),)),
    Case("address, German", "in der Holtenauer Straße 14", (("ADDRESS", "Holtenauer Straße 14"),), "output"),
    Case("address, flat", "flat 4b, thanks", (("ADDRESS", "flat 4b"),)),
    Case("postcode, British", "near yo21 3pu", (("ADDRESS", "yo21 3pu"),)),
    Case("postcode, Canadian", "near K1A 0B1", (("ADDRESS", "K1A 0B1"),)),
    Case("postcode, American", "in CA 90210", (("ADDRESS", "CA 90210"),)),
    Case("no address in a title", "10 Rillington Place, 90210", (), "title"),
    Case("no address: a street", "a street by the sea"),
    Case("other script", "мой друг", (("OTHER_SCRIPT", "мой друг"),)),
    Case("other script, a title's own", "Сталкер", (), "title"),
)  # fmt: skip

NAMES = (
    Case("full name", "as Emma Thornbury said", (("PERSON", "Emma Thornbury"),)),
    Case("given name, small", "emma likes horror", (("PERSON", "emma"),)),
    Case("family", "my daughter Emma loves whales", (("FAMILY", "my daughter Emma"),)),
    Case("family, unknown name, small", "my daughter zorbella loves whales", (("PERSON", "zorbella"),)),
    Case("family, no name", "my husband wants something funny"),
    Case("friend, name that is a word", "my friend rose said so", (("PERSON", "rose"),)),
    Case("introduces oneself", "i'm zorblax and bored", (("PERSON", "zorblax"),)),
    Case("no introduction", "i'm bored and i'm rich"),
    Case("named", "a dog called biscotti", (("PERSON", "biscotti"),)),
    Case("with somebody", "watched with mark", (("PERSON", "mark"),)),
    Case("honorific", "says Dr. Vale", (("PERSON", "Dr. Vale"),)),
    Case("no name: an award", "more Oscar winners and Oscar-nominated dramas please"),
    Case("name before what an award is not", "ask Oscar about winners", (("PERSON", "Oscar"),)),
    Case("honorific, small", "says dr vale", (("PERSON", "dr vale"),)),
    Case("middle initial", "Samuel L. Jackson rules", (("PERSON", "Samuel L. Jackson"),)),
    Case("junior", "Robert Downey jr. rules", (("PERSON", "Robert Downey jr"),)),
    Case("particle", "about Ludwig van Beethoven", (("PERSON", "Ludwig van Beethoven"),)),
    Case("hyphen, apostrophe and possessive", "in Jean-Luc O'Brien's boat", (("PERSON", "Jean-Luc O'Brien"),)),
    Case("diacritics", "with José Muñoz", (("PERSON", "José Muñoz"),)),
    Case("combining marks", "with Jose\u0301", (("PERSON", "Jose\u0301"),)),
    Case("zero-width space", "with em\u200bma", (("PERSON", "em\u200bma"),)),
    Case("styled letters", "with 𝐄𝐦𝐦𝐚", (("PERSON", "𝐄𝐦𝐦𝐚"),)),
    Case("capitals that nothing explains are for the tagger", "we loved Breaking Bad"),
    Case("unknown word first is for the tagger", "Thornbury is back"),
    Case("unknown capital beside a known name", "with Emma Thornbury", (("PERSON", "Emma Thornbury"),)),
    Case("word that may be a name, first", "Grace loves horror", (("PERSON", "Grace"),)),
    Case("word that may be a name, with a surname", "Rose Miller again", (("PERSON", "Rose Miller"),)),
    Case("shouting", "SLOW BURN CRIME FOR EMMA PLEASE", (("PERSON", "EMMA"),)),
    Case("nobody: ordinary first words", "Watched it twice. Something gentle!\nFamilies: Slow-burn."),
    Case("nobody: words that could be names", "Will there be more? Hope so. May I?"),
    Case("nobody: days, peoples, abbreviations", "a French drama on Monday on the BBC in May"),
    Case("nobody: I", "and I said I'd watch, I'm bored"),
    Case("nobody: vocabulary with capitals", "I like Thriller and Science Fiction"),
    Case("names stay in titles", "Emma Thornbury meets Dr. Vale.", (), "title"),
)  # fmt: skip

OUTPUT = (
    Case("name within a sentence", "[LEAD] meets Emma there.", (("PERSON", "Emma"),), "output"),
    Case("unknown capital within a sentence", "Home to Kiel, at last.", (("PERSON", "Kiel"),), "output"),
    Case("given name first", "Emma comes home.", (("PERSON", "Emma"),), "output"),
    Case("given name, small, in output", "for emma, at last", (("PERSON", "emma"),), "output"),
    Case("unknown full name first", "Zorblax Vale comes home.", (("PERSON", "Zorblax Vale"),), "output"),
    Case("exact where a sentence starts", "Brooding. Nothing stays buried: Grace has a price. Hope waits.", (), "output"),
    Case("words that a strict reader doubts", "zorblaxian dread with hope", (), "output"),
    Case("sentence after a slot that starts the text", "[TURN]. Now what?", (), "output"),
    Case("capital right after a slot that starts the text", "[TURN] Now what?", (("PERSON", "Now"),), "output"),
    Case("quoted sentence", 'They say, "Nothing stays buried."', (), "output"),
    Case("slots stand for names", "[TITLE]: [LEAD] and [CAST_2] in [PLACE], [WHO_PL] must [GOAL].", (), "output"),
    Case("name beside a slot", "[LEAD] Thornbury, [CAST_2]", (("PERSON", "Thornbury"),), "output"),
    Case("nobody: a headline", "A Slow-Burn Crime Drama", (), "output"),
    Case("brackets of a viewer's own", "[EMMA] <EMMA>", (("PERSON", "EMMA"), ("PERSON", "EMMA")), "viewer"),
)  # fmt: skip


def _cases(*tables: tuple[Case, ...]):
    return [pytest.param(case, id=case.id) for table in tables for case in table]


@pytest.mark.parametrize("case", _cases(IDENTIFIERS, PERSONAL, NAMES, OUTPUT))
def test_finds_exactly(case: Case, engine):
    assert _found(case, engine) == case.found


def test_every_type_but_those_that_need_more_than_patterns_has_a_case():
    shown = {
        type_
        for table in (IDENTIFIERS, PERSONAL, NAMES, OUTPUT)
        for case in table
        for type_, _ in case.found
    }
    assert shown | types_shown(TABLES) >= set(TYPES) - {"DENY_TERM", "LOCATION", "ORGANIZATION"}
