"""Capitalised words that are not names: a closed list.

Demonyms, languages, faiths, parties, eras, weekdays, months and feasts take a capital in English, yet
say nothing of who is in a title. They stay as they stand where names become slots.
"""

from __future__ import annotations

DEMONYMS = frozenset(
    """
    Afghan African Alaskan Albanian Algerian American Angolan Arab Arabian Arabic Argentine Argentinian
    Armenian Asian Athenian Australian Austrian Aztec Bahamian Bangladeshi Basque Bavarian Belgian Berber
    Bolivian Bosnian Brazilian Breton British Bulgarian Burmese Californian Cambodian Cameroonian Canadian
    Cantonese Caribbean Castilian Catalan Caucasian Celtic Chilean Chinese Colombian Congolese Cornish
    Corsican Croatian Cuban Czech Danish Dominican Dutch Ecuadorian Egyptian English Eritrean Estonian
    Ethiopian European Fijian Filipino Finnish Flemish French Georgian German Germanic Ghanaian Greek
    Guatemalan Gypsy Haitian Hawaiian Hispanic Honduran Hungarian Icelandic Indian Indonesian Inuit Iranian
    Iraqi Irish Israeli Italian Jamaican Japanese Jordanian Kazakh Kenyan Korean Kurdish Laotian Latin
    Latina Latino Latvian Lebanese Liberian Libyan Lithuanian Londoner Macedonian Malaysian Maltese Mandarin
    Maori Mayan Mediterranean Mexican Mongolian Moroccan Mozambican Namibian Navajo Nepalese Nepali Nicaraguan
    Nigerian Nordic Norse Norwegian Pakistani Palestinian Panamanian Paraguayan Parisian Persian
    Peruvian Polish Polynesian Portuguese Prussian Roma Romani Romanian Russian Rwandan Samoan Saudi Saxon
    Scandinavian Scottish Senegalese Serbian Serb Siberian Sicilian Singaporean Slavic Slovak Slovene
    Slovenian Somali Soviet Spanish Spartan Sudanese Swahili Swedish Swiss Syrian Tahitian Taiwanese Tamil
    Texan Thai Tibetan Trojan Tunisian Turkish Ugandan Ukrainian Uruguayan Venetian Venezuelan Vietnamese
    Viking Welsh Yugoslav Zambian Zimbabwean Zulu Anglo Afro Euro Indo Sino Franco Italo Anglican
    Englishman Englishwoman Englishmen Frenchman Frenchwoman Frenchmen Irishman Irishwoman Irishmen
    Scotsman Scotswoman Scots Welshman Welshwoman Dutchman Dutchwoman Spaniard
    Briton Brit New-Yorker Westerner Southerner Northerner Easterner Midwestern Southern Northern
    Eastern Western Midwesterner Yankee Cossack Bedouin Cherokee Apache Sioux Comanche Cheyenne Mohawk
    """.split()
)
"""Adjectives and nouns of origin, languages included, in the singular."""

FAITHS = frozenset(
    """
    Amish Baptist Bible Biblical Buddhist Calvinist Catholic Christian Evangelical Hasidic Hindu Islamic
    Jesuit Jew Jewish Lutheran Mennonite Methodist Mormon Muslim Orthodox Pentecostal Presbyterian
    Protestant Puritan Quaker Quran Quranic Rastafarian Shia Sikh Sunni Talmudic Torah Yiddish Hebrew Zen
    Buddhism Catholicism Christianity Hinduism Islam Judaism Satanic Satanist God
    """.split()
)

CALENDAR = frozenset(
    """
    Monday Tuesday Wednesday Thursday Friday Saturday Sunday
    January February March April May June July August September October November December
    Christmas Easter Halloween Thanksgiving Hanukkah Ramadan Passover Lent Eid Diwali Yuletide
    """.split()
)

ERAS = frozenset(
    """
    Biblical Byzantine Cambrian Colonial Communist Confederate Democrat Democratic Edwardian Elizabethan
    Fascist Georgian Gothic Jacobean Jurassic Marxist Medieval Napoleonic Nazi Ottoman Renaissance
    Republican Roman Shakespearean Socialist Tudor Victorian Zionist Freudian Olympian
    """.split()
)

SHORT = frozenset("I TV DJ CEO DNA PC OK VIP UFO AI ID SUV CD DVD HIV AIDS IQ LGBT LGBTQ".split())
"""Abbreviations that are common nouns."""

ALSO_FIRST_NAMES = frozenset("Christian April May June August Roman Georgian German".split())
"""Before another capitalised word these begin a person's name: `Christian Grey`."""

MONTHS_AND_NAMES = frozenset(("April", "May", "June", "August"))
"""Months, unless nothing around them speaks of a date."""

HONORIFICS = frozenset(
    """
    Mr Mrs Ms Miss Mx Dr Sir Dame Lord Lady Madam Madame Monsieur Captain Capt Colonel Col Commander Cmdr
    Major Maj Lieutenant Lt Sergeant Sgt Corporal Cpl Private General Gen Admiral Detective Inspector
    Constable Officer Agent Sheriff Deputy Marshal Judge Justice President Senator Sen Governor Gov
    Congressman Congresswoman Mayor Minister Chancellor Ambassador King Queen Prince Princess Duke Duchess
    Count Countess Baron Baroness Emperor Empress Pope Father Fr Sister Brother Mother Reverend Rev Rabbi
    Imam Bishop Cardinal Saint St Uncle Aunt Auntie Grandma Grandpa Professor Prof Doctor Coach Nurse Master
    """.split()
)
"""Words that stand before a name; directly before a slot they stay as they are."""

_ALL = DEMONYMS | FAITHS | CALENDAR | ERAS | SHORT


def is_ordinary_capital(word: str) -> bool:
    """Whether a capitalised word, singular or plural, is one of the closed list."""
    if word in _ALL:
        return True
    if word.endswith("s") and word[:-1] in _ALL:
        return True
    return word.endswith("women") and word[:-2] + "an" in _ALL
