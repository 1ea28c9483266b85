"""National numbers of the large EU countries, the UK and others: valid ones found, invented ones not so called."""

from __future__ import annotations

import pytest

from tests.unit.privacy.spans import expected, found, rows

EVERYWHERE = rows("""
    nino «UK_NINO:AB 12 34 56 C» here
    and «UK_NINO:JG103759A» there
    nhs number is «UK_NHS:943 476 5919»
    licence «UK_DRIVING_LICENCE:MORGA657054SM9IJ»
    passport «UK_PASSPORT:AB1234567»
    passport number «UK_PASSPORT:AB1234567» of mine
    passport «US_PASSPORT:A12345678» of mine
    tax id «DE_TAX_ID:65929970489»
    the number «DE_TAX_ID:86095742719» is
    the number «DE_SOCIAL_SECURITY:15070649C103» is
    the number «DE_SOCIAL_SECURITY:65180539W001» is
    personalausweis «DE_ID_CARD:L01X00T44» is
    ausweis nr «DE_ID_CARD:C01X00T41» is
    reisepass «DE_PASSPORT:C01X00064» is
    the number «FR_NIR:1 85 05 75 123 456 73» is
    the number «FR_NIR:292019910002391» is
    the number «FR_NIR:1 80 02 2A 123 456 36» is
    secu: «FR_NIR:1 85 05 75 123 456»
    the code «IT_FISCAL_CODE:RSSMRA85T10A562S» is
    the code «IT_FISCAL_CODE:bnclra92a41f205k» is
    the dni «ES_NIF:12345678Z» is
    the nie «ES_NIE:X1234567L» is
    the pesel «PL_PESEL:44051401359» is
    the pesel «PL_PESEL:92031512342» is
    bsn «NL_BSN:123456782» is
    bsn: «NL_BSN:1112.22.333» is
    the number «SE_PERSONNUMMER:811228-9874» is
    the number «BE_NRN:85.07.30-033.28» is
    the number «BE_NRN:03021512318» is
    nif «PT_NIF:123 456 789» is
    contribuinte «PT_NIF:250000008» is
    the number «AT_SVNR:1018 010180» is
    svnr «AT_SVNR:3462120588» is
    the pps «IE_PPSN:1234567T» is
    the pps «IE_PPSN:1234567FA» is
    the code «FI_PERSONAL_IDENTITY_CODE:131052-308T» is
    cpr «DK_CPR:010180-1234» is
    the number «DK_CPR:311299-4321» is
    the cnp «RO_CNP:1850730041234» is
    the ssn «US_SSN:219-09-9999» is
    the itin «US_ITIN:912-70-1234» is
    aadhaar «IN_AADHAAR:2345 6789 0124» is
    aadhaar «IN_AADHAAR:234567890124» is
    the pan «IN_PAN:ABCPE1234F» is
    the cpf «BR_CPF:111.444.777-35» is
    tfn «AU_TFN:123 456 782» is
    sin «CA_SIN:130 692 544» is
    my ni number is «UK_NINO:QQ 12 34 56 C»
    NINO: «UK_NINO:XX123456A»
    national insurance no «UK_NINO:zz 654321 d»
""")
INVALID = rows("""
    1 85 05 75 123 456 74
    12345678A and X1234567A
    bsn 123456789
    85.07.30-033.29
    nif 123 456 788
    svnr 3463120588
    1234567A
    1850730041235
    111.444.777-36
    131052-308A
    811228-9875
    44051401358
    65929970488
    GB 12 34 56 C
    aadhaar 2345 6789 0125
""")
LEFT_IN_TITLES = rows("""
    THX 1138 flies to LV-426 with the Nostromo 180924609.
    K-19, U-571 and HAL 9000 meet R2D2 and C3PO.
    Prisoner 24601 loses his passport in 1984.
    Agent X1234 of Section 31 holds passport to Pimlico.
    The 100, The 4400 and 12 Monkeys.
    Catch-22, Slaughterhouse 5, Ocean's 13.
    The train 142857 leaves platform 9.
    Blade Runner 2049 N6MAA10816.
    Product code 1850730 of the series.
    Born 31.12.1999, gone 01.01.2000.
    Case 39, Cell 211, Area 51, Route 66.
    Sin City, Sin Nombre, Ssn, Pan's Labyrinth.
    The ISBN is 0306406152.
    Model T-800 and T-1000, series 101.
    Boeing 747-400 and Airbus A380-800.
    Nino has 12 rooms and 34 doors.
    NI 123 is a bus.
""")


@pytest.mark.parametrize("side", ["viewer", "title", "output"])
@pytest.mark.parametrize("row", EVERYWHERE)
def test_a_national_number_is_found_on_every_side_and_called_by_its_name(row, side, engine):
    assert found(row, side, engine) == expected(row, "")


@pytest.mark.parametrize("row", INVALID)
def test_what_fails_its_checksum_is_no_national_number(row, engine):
    assert {type_ for type_, _ in found(row, "viewer", engine)} <= {
        "ACCOUNT_NUMBER", "PHONE_NUMBER",
    }  # fmt: skip


@pytest.mark.parametrize("row", LEFT_IN_TITLES)
def test_numbers_of_films_are_no_national_numbers(row, engine):
    assert found(row, "title", engine) == ()
