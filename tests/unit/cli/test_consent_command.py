"""`genservice consent show`: what it tells people and programs of a string."""

from __future__ import annotations

import json
import subprocess
import sys

from click.testing import CliRunner, Result

from genservice.cli.consent import consent
from genservice.consents import Restriction, Vendors
from tests.unit.consents import encoding as own

AGREED = own.encode_tc(
    own.tc(
        purposes_consent=(1, 5, 6),
        purposes_interest=(8,),
        special_features=(1,),
        vendor_consent=Vendors(((7, 9), (12, 12))),
        restrictions=(Restriction(purpose=6, kind=0, vendors=Vendors(((8, 8),))),),
    )
)


def run(*args: str, text: str | None = None, **env: str) -> Result:
    return CliRunner().invoke(consent, ["show", *args], input=text, env=env)


def test_a_tc_string_is_told_in_words() -> None:
    result = run(AGREED)
    assert result.exit_code == 0
    told = [" ".join(line.split()) for line in result.stdout.splitlines()]
    assert told[0] == "TC string, tcfeuv2: policy version 5"
    assert "last updated 2026-08-01" in told
    assert (
        "consents 1 store and read on the device, 5 content profile, 6 content by profile" in told
    )
    assert "interests 8 (never counted)" in told
    assert "vendors consent 7-9, 12" in told
    assert "purpose 6 not allowed for vendors 8" in told
    assert told[-4:] == [
        "What counts",
        "consents to 1 store and read on the device, 5 content profile, 6 content by profile",
        "opts in to 1 precise location",
        "opts out no",
    ]


def test_what_counts_is_told_for_our_vendor() -> None:
    for told in (run(AGREED, "--tcf-vendor", "8"), run(AGREED, GENSERVICE_TCF_VENDOR="8")):
        (line,) = [line for line in told.stdout.splitlines() if "consents to" in line]
        assert line.split(maxsplit=2)[2] == "1 store and read on the device, 5 content profile"


def test_a_gpp_string_is_told_section_by_section() -> None:
    gpp = own.encode_gpp({2: AGREED, 6: "1YYN", 8: own.encode_us(own.us(8, gpc=True))})
    told = run(gpp).stdout
    assert "GPP string: 2, 6, 8" in told
    assert "Section 8: usca, version 1" in told
    assert told.splitlines()[-1].split() == ["opts", "out", "yes:", "OptOutSale,", "Gpc"]


def test_a_string_is_read_from_standard_input() -> None:
    assert run("-", text=f"{AGREED}\n").stdout == run(AGREED).stdout


def test_an_invalid_string_is_told_with_the_reason() -> None:
    result = run(own.encode_tc(own.tc(purposes_consent=(5,), policy_version=2)))
    assert result.exit_code == 0
    assert "invalid   made under policy version 2; valid are 4 and later" in result.stdout
    assert "consents to" not in result.stdout


def test_a_malformed_string_exits_with_1_and_is_not_repeated() -> None:
    for text in ("DEAD-BEEF", AGREED[:-2], "", "emma"):
        result = run(text)
        assert (result.exit_code, result.stdout) == (1, "")
        assert result.stderr.startswith("Malformed: ")
        assert not text or text not in result.stderr
        told = run(text, "--json")
        assert (told.exit_code, json.loads(told.stdout)["valid"]) == (1, False)


def test_programs_get_json() -> None:
    told = json.loads(run(own.encode_gpp({2: AGREED, 6: "1YNN"}), "--json").stdout)
    assert (told["valid"], told["kind"]) == (True, "gpp")
    assert told["sections"][0]["vendor_consent"] == ["7-9", "12"]
    assert told["sections"][0]["last_updated"] == "2026-08-01"
    assert told["sections"][1] == {"notice": "Y", "opt_out_sale": "N", "lspa": "N"}
    assert told["counts"] == {"purposes": [1, 5, 6], "special_features": [1], "gpc": False}


def test_the_command_never_waits_for_torch() -> None:
    code = (
        "import sys; from genservice.cli import main\n"
        f"try: main(['consent', 'show', {AGREED!r}])\n"
        "except SystemExit: pass\n"
        "assert not {'torch', 'transformers', 'presidio_analyzer'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)
