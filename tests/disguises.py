"""Ways to write a name or a number so that people read it and filters do not."""

from __future__ import annotations

import base64
import codecs
import unicodedata
from collections.abc import Callable
from urllib.parse import quote

_CYRILLIC = str.maketrans("aceopxyABCEHKMOPTX", "асеорхуАВСЕНКМОРТХ")  # noqa: RUF001
_GREEK = str.maketrans("ABEHIKMNOPTXYZ", "ΑΒΕΗΙΚΜΝΟΡΤΧΥΖ")  # noqa: RUF001
_CHEROKEE = str.maketrans("ABDEGHJKLMPRSTVWYZ", "ᎪᏴᎠᎬᏀᎻᎫᏦᏞᎷᏢᏒᏚᎢᏙᎳᎽᏃ")  # noqa: RUF001
_ARMENIAN = str.maketrans("ghnou", "ցհոօս")  # noqa: RUF001
_LEET = str.maketrans("aeiost", "4310$7")
_SMALL_CAPITALS = str.maketrans("abcdeghijklmnoprtuvwz", "ᴀʙᴄᴅᴇɢʜɪᴊᴋʟᴍɴᴏᴘʀᴛᴜᴠᴡᴢ")
_UNMARKED = str.maketrans({"æ": "ae", "ø": "o", "Ł": "L", "ı": "i"})  # noqa: RUF001
_TURNED = str.maketrans("abcdefghijkmnpqrtuvwy", "ɐqɔpǝɟƃɥᴉɾʞɯudbɹʇnʌʍʎ")  # noqa: RUF001


def _plain(name: str) -> str:
    return "".join(
        letter
        for letter in unicodedata.normalize("NFKD", name.translate(_UNMARKED))
        if not unicodedata.combining(letter)
    )


def _shifted(start: int) -> Callable[[str], str]:
    return lambda name: "".join(
        chr(start + ord(letter) - 97) if letter.isascii() and letter.isalpha() else letter
        for letter in name.lower()
    )


def _between(joint: str) -> Callable[[str], str]:
    return lambda name: " ".join(joint.join(word) for word in name.split())


DISGUISES: dict[str, Callable[[str], str]] = {
    "as written": str,
    "small": str.lower,
    "shouted": str.upper,
    "alternating": lambda name: "".join(
        letter.upper() if at % 2 else letter.lower() for at, letter in enumerate(name)
    ),
    "possessive": lambda name: f"{name}'s",
    "plural": lambda name: f"{name}s",
    "handle": lambda name: f"@{name.replace(' ', '_')}",
    "hashtag": lambda name: f"#{name.replace(' ', '')}",
    "with a number": lambda name: f"{name}88",
    "spaced out": _between(" "),
    "dotted": _between("."),
    "hyphened": _between("-"),
    "with emoji": _between("\U0001f642"),
    "zero-width joiners": _between("\u200d"),
    "zero-width spaces": _between("\u200b"),
    "soft hyphens": _between("\u00ad"),
    "combining marks": _between("\u0308"),
    "between tags": _between("<b></b>"),
    "turned by an override": lambda name: f"\u202e{name[::-1]}\u202c",
    "backwards": lambda name: name[::-1],
    "full width": lambda name: "".join(
        chr(ord(letter) + 0xFEE0) if "!" <= letter <= "~" else letter for letter in name
    ),
    "mathematical": _shifted(0x1D41A),
    "circled": _shifted(0x24D0),
    "negative squares": _shifted(0x1F170),
    "regional indicators": _shifted(0x1F1E6),
    "tags": lambda name: "".join(
        chr(0xE0000 + ord(letter)) if letter.isascii() else letter for letter in name
    ),
    "small capitals": lambda name: name.lower().translate(_SMALL_CAPITALS),
    "upside down": lambda name: _plain(name).lower().translate(_TURNED)[::-1],
    "Cyrillic": lambda name: name.translate(_CYRILLIC),
    "Greek": lambda name: name.upper().translate(_GREEK),
    "Cherokee": lambda name: name.upper().translate(_CHEROKEE),
    "Armenian": lambda name: name.translate(_ARMENIAN),
    "figures": lambda name: name.lower().translate(_LEET),
    "drawn": lambda name: name.lower().replace("m", "|\\/|").replace("v", "\\/"),
    "rn for m": lambda name: name.replace("m", "rn"),
    "letters repeated": lambda name: "".join(letter * 3 for letter in _plain(name)),
    "entities": lambda name: "".join(f"&#{ord(letter)};" for letter in name),
    "hexadecimal entities": lambda name: "".join(f"&#x{ord(letter):x};" for letter in name),
    "one entity": lambda name: f"{name[:1]}&#{ord(name[1])};{name[2:]}",
    "in a URL": lambda name: "".join(f"%{byte:02x}" for byte in name.encode()),
    "quoted": quote,
    "escaped": lambda name: "".join(f"\\u{ord(letter):04x}" for letter in name),
    "base64": lambda name: base64.b64encode(name.encode()).decode(),
    "hexadecimal": lambda name: name.encode().hex(),
    "rot13": lambda name: codecs.encode(_plain(name), "rot13"),
    "around a slot": lambda name: f"{name[:2]}[TITLE]{name[2:]}",
    "over a line": lambda name: f"{name[:2]}-\n{name[2:]}",
}
"""By what they do to a name; each leaves what somebody may read or decode."""
