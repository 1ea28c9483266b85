"""Where somebody lives: streets with numbers, flats, boxes, and postcodes where a cue makes them one.

Patterns read folded text: "straße" is "strasse", "vägen" is "vagen". Postcodes: the shapes of the
Universal Postal Union's addressing systems.
"""

from __future__ import annotations

import re

from genservice.privacy.rules.rule import (
    DIGIT,
    EVERYWHERE,
    Rule,
    either,
    words,
)

_SURE = (
    "street str road rd avenue ave lane ln crescent cres terrace boulevard blvd grove mews highway hwy parkway pkwy"
    " esplanade cul-de-sac gdns turnpike expressway freeway broadway causeway close"
)
_SHARED = (
    "st drive dr court ct place pl square sq way gardens hill row walk park quay parade circle cir loop trail path"
    " green rise view heights plaza alley bank wharf yard end gate fields meadow vale wynd brae strand mall"
)
_STREETS = either(f"{_SURE} {_SHARED}")
_SHARED_WORDS = frozenset(_SHARED.split())
_NEEDED = words(f"{_SURE} {_SHARED} cul broadway bowery strand")
_WORD_REST = r"[\w'.\-]{0,30}"
_WORD = rf"[^\W\d_]{_WORD_REST}"
_NO_ROAD = words(
    "a an and or of in on at to for from with by as is was were are be been it i we you he she they my our your his her"
    " their this that these those but not no so than then into out up down over off about after before during while"
    " minute minutes min mins hour hours hr hrs day days week weeks month months year years second seconds time times"
    " film films movie movies show shows episode episodes season seasons series book books people person men women man"
    " woman kids kid children child boys girls friends star stars point points percent dollars pounds euros miles mile km"
    " feet metres meters steps seats tickets things ways million billion thousand hundred more other different long"
    " pm am nd rd th x anywhere somewhere nowhere very too really pretty fairly characters actors songs scenes parts movies oscars awards new great good best hit"
)
_TOWN_REST = r"[^\W\d_]{2,30}(?:-[^\W\d_]{2,30}){0,2}"
_POSTAL_TOWN = rf"[^\W\d_]{_TOWN_REST}"
_GERMANIC = (
    r"(?:strasse|str\.|gasse|weg|platz|allee|damm|ufer|ring|chaussee|steig|promenade"
    r"|straat|gracht|laan|plein|kade|singel|dijk|steeg|weg"
    r"|gatan|gata|gaten|gate|vagen|vegen|veien|gade|vej|alleen|torget|torvet|plads|stigen|katu|(?:in|en|an)tie|kuja|polku)"
)
_ROMANCE = (
    r"(?:rue|avenue|av\.|boulevard|bd|bld|chemin|impasse|allee|quai|place|cours|passage|route|square|faubourg"
    r"|via|viale|piazza|piazzale|corso|largo|vicolo|lungo\w{2,10}"
    r"|calle|c/|avenida|avda\.?|avd\.?|paseo|plaza|camino|carrer|ronda|passeig|travesia"
    r"|rua|travessa|praca|estrada|alameda|calcada"
    r"|ul\.|ulica|al\.|aleja|aleje|os\.|osiedle|plac|pl\.)"
)
_ROMANCE_NEEDED = words(
    "rue avenue av boulevard bd bld chemin impasse allee quai place cours passage route square faubourg via viale"
    " piazza piazzale corso largo vicolo lungotevere lungomare lungarno calle c avenida avda avd paseo plaza camino carrer"
    " ronda passeig travesia rua travessa praca estrada alameda calcada ul ulica al aleja aleje os osiedle plac pl"
)
_PARTICLE = r"(?:(?:de|du|des|della|dello|dei|di|do|da|dos|das|del|la|le|les|los|las|el|l'|d'|saint|sainte|san|santa)\s?)"

_UK_AREA = (
    r"(?:a[bl]|b[abdhlnrst]?|c[abfhmortvw]|d[adeghlnty]|e[chnx]?|f[ky]|g[luy]?|h[adgprsux]|i[gmpv]|je|k[atwy]|l[adelnsu]?"
    r"|m[ek]?|n[egnprw]?|o[lx]|p[aehlor]|r[ghm]|s[aeglmnoprstwy]?|t[adfnqrsw]|ub|w[acdfnrsv]?|yo|ze)"
)
_UK_IN = r"\d[abd-hjlnp-uw-z]{2}"
_UK = rf"(?:gir\s?0aa|{_UK_AREA}\d[a-z\d]?\s?{_UK_IN})"
_ORDINAL = re.compile(r"(?:1st|2nd|3rd|[04-9]th)$")
_STATES = (
    r"(?:A[KLRZ]|C[AOT]|D[CE]|FL|GA|HI|I[ADLN]|K[SY]|LA|M[ADEINOST]|N[CDEHJMVY]|O[HKR]|PA|PR|RI|S[CD]|T[NX]|UT|V[AIT]"
    r"|W[AIVY])"
)
_STATE_NAMES = either(
    r"alabama alaska arizona arkansas california colorado connecticut delaware florida georgia hawaii idaho illinois"
    r" indiana iowa kansas kentucky louisiana maine maryland massachusetts michigan minnesota mississippi missouri"
    r" montana nebraska nevada new\shampshire new\sjersey new\smexico new\syork north\scarolina north\sdakota ohio"
    r" oklahoma oregon pennsylvania rhode\sisland south\scarolina south\sdakota tennessee texas utah vermont virginia"
    r" washington west\svirginia wisconsin wyoming"
)
_LARGE_PLACES = either(
    r"wien vienna graz linz salzburg innsbruck zurich geneva geneve genf bern basel lausanne luzern brussels bruxelles"
    r" brussel antwerp antwerpen gent ghent liege brugge leuven copenhagen kobenhavn aarhus odense aalborg oslo bergen"
    r" trondheim stavanger luxembourg lisboa lisbon porto budapest sofia sydney melbourne brisbane perth adelaide"
    r" canberra hobart auckland wellington christchurch cape\stown johannesburg durban pretoria"
)
_EU_PREFIXED = (
    r"(?<![\w\-])(?:d-\d{5}|de-\d{5}|f-\d{5}|fr-\d{5}|a-\d{4}|at-\d{4}|ch-\d{4}|b-\d{4}|be-\d{4}|l-\d{4}|lu-\d{4}|nl-\d{4}\s?[a-z]{2}"
    r"|dk-\d{4}|no-\d{4}|n-\d{4}|s[e]?-\d{3}\s?\d\d|fi[n]?-\d{5}|i-\d{5}|it-\d{5}|e-\d{5}|es-\d{5}|p-\d{4}(?:-\d{3})?|pt-\d{4}-\d{3}"
    r"|pl-\d\d-?\d{3}|cz-\d{3}\s?\d\d|sk-\d{3}\s?\d\d|h-\d{4}|hu-\d{4}|ro-\d{6}|bg-\d{4}|hr-\d{5}|si-\d{4}|gr-\d{3}\s?\d\d"
    r"|lt-\d{5}|lv-\d{4}|ee-\d{5}|ie-[a-z]\d[\dw]\s?[\da-z]{4})(?![\w\-])"
)
_NOT_A_DUTCH_CODE = words(
    "uk us tv hd ad bc bd am pm vr ce pg dc eu sa sd ss dj cd lp ep ii iv vi ix xx xl bw 3d fm at in on"
)
_NOT_A_TOWN = words(
    "leagues years days miles people volts dollars bc ways feet maniacs meters metres pounds steps hours minutes words"
    " tonnes tons bullets nights souls things men women"
)
_ENGLISH = rf"\d{{1,5}}[a-z]?(?:[-/]\d{{1,4}}[a-z]?)?,?\s(?:{_WORD}\s){{1,4}}?{_STREETS}\b\.?"
_ENGLISH_TAIL = r"(?:\s(?:n|s|e|w|ne|nw|se|sw|north|south|east|west)\b\.?)?"
_UNIT = r"(?:flat|apt|apartment|unit|suite|ste|room|rm|floor|appt|wohnung|stiege|etage|piso|interno|int)\.?\s?(?:no\.?\s?)?#?\d{1,4}[a-z]?"


def _a_road(match: re.Match[str]) -> bool:
    """Whether the words before "street" can name one: no measure, no sentence running on."""
    text = match.group("road").lower()
    inner = re.findall(r"[^\W\d_]+(?:'[^\W\d_]+)?", text)
    names, kind = inner[:-1], inner[-1]
    if names and names[0] in _NO_ROAD:
        return False
    if kind in _SHARED_WORDS and not match.group("road")[0].isupper():
        return not any(name in _NO_ROAD or name == "the" for name in names)
    return not any(name in _NO_ROAD - {"of", "new", "st", "a"} for name in names)


def _a_uk_code(match: re.Match[str]) -> bool:
    return _ORDINAL.search(match.group()) is None


def _a_dutch_code(match: re.Match[str]) -> bool:
    return match.group("pair").lower() not in _NOT_A_DUTCH_CODE


def _a_town(match: re.Match[str]) -> bool:
    return match.group("town").lower() not in _NOT_A_TOWN


def _has_a_digit(match: re.Match[str]) -> bool:
    return any(map(str.isdigit, match.group("it")))


def _an_eircode(match: re.Match[str]) -> bool:
    last = match.group()[-4:]
    return not last.isdigit() and not last.isalpha()


RULES: tuple[Rule, ...] = (
    Rule(
        type="ADDRESS",
        score=0.7,
        needs=(DIGIT, _NEEDED),
        cased=True,
        pattern=(
            rf"(?i:(?<![\w.,:/$£€\-])\d{{1,5}}[a-z]?(?:[-/]\d{{1,4}}[a-z]?)?,?\s(?P<road>(?:{_WORD}\s){{1,4}}?{_STREETS})\b\.?"
            rf"(?!\s?'s\b|\s(?:to|by|enough|up|down|out|off)\b){_ENGLISH_TAIL}(?:,?\s{{1,2}}{_UNIT}\b)?)"
        ),
        accept=_a_road,
    ),
    Rule(
        type="ADDRESS",
        score=0.7,
        needs=(DIGIT, words("broadway bowery strand avenue")),
        pattern=r"(?<![\w.,:/$\-])\d{1,5}\s(?:the\s(?:avenue|strand|bowery|mall|crescent|grove|green)|(?:w\.?|e\.?|west|east|n\.?|s\.?)?\s?broadway)\b",
    ),
    Rule(
        type="ADDRESS",
        score=0.6,
        needs=(DIGIT, words("st street ave avenue")),
        pattern=r"(?<![\w.,:/$\-])\d{1,5}\s(?:(?:w|e|n|s|west|east|north|south)\.?\s)?\d{1,3}(?:st|nd|rd|th)\s(?:st|street|ave|avenue)\b",
    ),
    Rule(
        type="ADDRESS",
        score=0.8,
        sides=EVERYWHERE,
        needs=(DIGIT, _NEEDED),
        pattern=rf"(?<![\w.,:/$£€\-]){_ENGLISH}{_ENGLISH_TAIL}(?:(?:,?\s{{1,2}}[^\W\d_][^\W\d_.'\-]{{0,24}}\.?){{0,4}},?\s{{1,2}}(?:{_UK}|[abceghj-nprstvxy]\d[a-z][ \-]?\d[a-z]\d)|(?:,?\s{{1,2}}[^\W\d_][^\W\d_.'\-]{{0,24}}\.?){{1,4}},?\s{{1,2}}\d{{5}}(?:-\d{{4}})?)(?!\w)",
    ),
    Rule(
        type="ADDRESS",
        score=0.6,
        needs=(DIGIT,),
        pattern=rf"\b[^\W\d_][^\W\d_\-]{{1,30}}(?:-[^\W\d_]{{1,30}}){{0,3}}[ \-]?{_GERMANIC}\s\d{{1,4}}(?:\s?[a-h])?\b(?:[,\s]{{1,2}}{_UNIT}\b)?",
    ),
    Rule(
        type="ADDRESS",
        score=0.8,
        sides=EVERYWHERE,
        needs=(DIGIT,),
        pattern=rf"\b[^\W\d_][^\W\d_\-]{{1,30}}(?:-[^\W\d_]{{1,30}}){{0,3}}[ \-]?{_GERMANIC}\s\d{{1,4}}(?:\s?[a-h])?,?\s{{1,2}}(?:[a-z]{{1,2}}-)?(?:\d{{5}}|\d{{4}}\s?[a-z]{{0,2}}|\d{{3}}\s\d\d)\s{_POSTAL_TOWN}",
    ),
    Rule(
        type="ADDRESS",
        score=0.6,
        needs=(DIGIT, words("am an auf zum zur im unter den der dem alter alte")),
        pattern=rf"\b(?:am|an\sder|auf\sdem|auf\sder|zum|zur|im|in\sder|unter\sden|alte[rn]?)\s{_WORD}(?:\s{_WORD})?\s\d{{1,4}}[a-h]?,\s?(?:d-)?\d{{4,5}}\s{_POSTAL_TOWN}",
    ),
    Rule(
        type="ADDRESS",
        score=0.6,
        needs=(DIGIT, _ROMANCE_NEEDED),
        cased=True,
        pattern=(
            r"(?<![\w.])(?i:\d{1,4}(?:\s?(?:bis|ter|[a-d]))?,?\s(?:rue|avenue|av\.|boulevard|bd|chemin|impasse|allee|quai|cours|passage"
            rf"|faubourg)\s{_PARTICLE}{{0,3}}{_WORD})(?:\s[A-Z]{_WORD_REST}){{0,2}}"
        ),
    ),
    Rule(
        type="ADDRESS",
        score=0.6,
        needs=(DIGIT, _ROMANCE_NEEDED),
        pattern=rf"(?<![\w.]){_ROMANCE}\s?{_PARTICLE}{{0,3}}{_WORD}(?:\s{_WORD}){{0,3}},?\s(?:n[o.]{{0,2}}\s?)?\d{{1,4}}(?:/\d{{1,4}})?(?:\s?[a-d])?\b(?:,\s?\d{{1,2}}[o.]?\s?(?:esq|dto?|[a-d])\b)?",
    ),
    Rule(
        type="ADDRESS",
        score=0.6,
        needs=(DIGIT, words("flat apt apartment unit suite po box bp postfach postbus apartado casella flt")),
        pattern=(
            r"\b(?:(?:flat|flt|apt|apartment|unit|suite)\.?\s(?:no\.?\s?)?#?(?:\d{1,5}[a-z]?(?:[/\-]\d{1,3})?|[a-h]\d{0,2})(?![\w])"
            r"|(?:p\.?\s?o\.?\s?box|postfach|postbus|bp|boite\spostale|apartado|casella\spostale|skrytka)\.?\s#?\d{1,6})\b"
        ),
    ),
    Rule(type="ADDRESS", score=0.7, needs=(DIGIT,), pattern=rf"(?<![\w.]){_UK}(?!\w)", accept=_a_uk_code),
    Rule(
        type="ADDRESS",
        score=0.6,
        needs=(DIGIT,),
        pattern=rf"\b(?:post\s?code|live\sin|living\sin|based\sin|near|moved\sto|address)\s(?:is\s|:\s?)?(?P<it>{_UK_AREA}\d[a-z\d]?)(?![\w'])(?!\s(?:film|movie|show|episode))",
    ),
    Rule(type="ADDRESS", score=0.7, needs=(DIGIT,), pattern=r"(?<![\w.])[abceghj-nprstvxy]\d[a-z][ \-]?\d[a-z]\d(?!\w)"),
    Rule(
        type="ADDRESS",
        score=0.6,
        needs=(DIGIT, words("zip post postcode postal plz cap cp code kod postnummer pincode pin eircode codice codigo postleitzahl zipcode")),
        pattern=(
            r"\b(?:zip(?:\s?code)?|post(?:al)?\s?code|plz|postleitzahl|cap|cp|kod\spocztowy|postnummer|pin\s?code|eircode|codigo\spostal|code\spostal)"
            r"\s?(?:is|:|-)?\s?(?P<it>(?=[a-z]{0,3}[\- ]?\d)[\da-z]{2,8}(?:[\- ](?=[a-z]{0,2}\d|[a-z]{2}\b)[\da-z]{2,4})?)\b"
        ),
    ),
    Rule(
        type="ADDRESS",
        score=0.6,
        needs=(DIGIT, words("zip zipcode postcode postal post plz")),
        pattern=(
            r"(?<![\w.\-])(?P<it>[\da-z]{2,5}(?:[\- ][\da-z]{2,4})?)(?<=[\da-z]{4})\s(?:(?:is|was|being)\s(?:my|our|the|their|his|her)\s(?:new\s|old\s|home\s)?"
            r"(?:zip(?:\s?code)?|post(?:al)?\s?code|plz)|zip\s?code|post(?:al)?\s?code)\b"
        ),
        accept=_has_a_digit,
    ),
    Rule(type="ADDRESS", score=0.6, needs=(DIGIT,), pattern=r"(?<![\w.\-])\d{5}-\d{4}(?![\w\-])"),
    Rule(
        type="ADDRESS",
        score=0.5,
        needs=(DIGIT,),
        cased=True,
        pattern=rf"\b(?:{_STATES}|(?i:{_STATE_NAMES})),?\s\d{{5}}(?:-\d{{4}})?(?![\w.,]\d|\w)",
    ),
    Rule(
        type="ADDRESS",
        score=0.5,
        needs=(DIGIT,),
        cased=True,
        pattern=rf"(?<![\w$£€.,\-])\d{{5}},?\s(?P<town>[A-Z]{_TOWN_REST})",
        accept=_a_town,
    ),
    Rule(type="ADDRESS", score=0.7, needs=(DIGIT,), pattern=_EU_PREFIXED),
    Rule(
        type="ADDRESS",
        score=0.5,
        needs=(DIGIT,),
        cased=True,
        pattern=rf"(?<![\w.\-])[1-9]\d{{3}}\s?(?P<pair>[A-Z]{{2}})(?![\w])(?:,?\s(?P<town>[A-Z]{_TOWN_REST}))",
        accept=_a_dutch_code,
    ),
    Rule(
        type="ADDRESS",
        score=0.5,
        needs=(DIGIT,),
        cased=True,
        pattern=rf"(?<![\w.\-/])(?:\d\d-\d{{3}}|\d{{3}}\s\d\d|\d{{4}}-\d{{3}})\s(?P<town>[A-Z]{_TOWN_REST})",
        accept=_a_town,
    ),
    Rule(
        type="ADDRESS",
        score=0.5,
        needs=(DIGIT,),
        pattern=rf"(?<![\w.\-/])\d{{4}}\s{_LARGE_PLACES}\b|\b(?:{_LARGE_PLACES}|nsw|vic|qld|tas|act)\s(?:(?:nsw|vic|qld|wa|sa|tas|act|nt)\s)?[02-9]\d{{3}}(?![\w])",
    ),
    Rule(
        type="ADDRESS",
        score=0.5,
        needs=(DIGIT,),
        pattern=r"(?<![\w.])(?:a[4689]\d|c15|d(?:[012]\d|6w)|e(?:2[15]|3[24]|4[15]|53|91)|f(?:12|2[3688]|3[15]|4[25]|5[26]|9[1234])|h(?:1[248]|2[3]|5[34]|6[25]|71|91)|k(?:3[2467]|4[5]|56|67|78)|n(?:37|39|41|91)|p(?:1[247]|24|3[16]|4[37]|5[16]|6[17]|7[25]|8[15])|r(?:14|21|32|35|42|45|51|56|93|95)|t(?:12|23|34|45|56)|v(?:1[45]|23|31|35|42|9[2345])|w(?:12|23|34|91)|x(?:35|42|91)|y(?:14|21|25|34|35))\s?[\dac-fhknprtv-y]{4}(?!\w)",
        accept=_an_eircode,
    ),
    Rule(
        type="ADDRESS",
        score=0.5,
        needs=(DIGIT, words("mumbai delhi bangalore bengaluru chennai kolkata hyderabad pune ahmedabad jaipur lucknow gurgaon noida kochi")),
        pattern=r"\b(?:mumbai|(?:new\s)?delhi|bangalore|bengaluru|chennai|kolkata|hyderabad|pune|ahmedabad|jaipur|lucknow|gurgaon|noida|kochi)\s?-?\s?\d{3}\s?\d{3}\b",
    ),
)  # fmt: skip
