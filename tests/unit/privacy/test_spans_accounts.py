"""Cards, banks, accounts, orders and bookings; devices, cookies and sessions; handles and disguised mail."""

from __future__ import annotations

import pytest

from tests.unit.privacy.spans import expected, found, rows

ACCOUNTS = rows("""
    account number «12345678» please
    acc no. «12345678» please
    a/c «12345678» please
    my account ending in «4432» please
    the card ending «4432» please
    customer number: «8839201» thanks
    customer id «CX-44920-B» thanks
    my order #«114-3941689-8772232» is late
    order no «5583921» is late
    booking ref is «QX7 1192»
    booking reference: «X7GH2K»
    pnr: «K9LM2Q»
    membership no. «4432-9981»
    subscriber number «0099 4431»
    policy number «HH-2210-99»
    invoice #«INV-20441»
    ticket number «88213307»
    case id: «CS0042113»
    tracking number «1Z999AA10123456784»
    loyalty card «6338 2291»
    library card number «29331004»
    student id «20041123»
    sort code «20-00-00»
    it is «20-00-00 55779911»
    «20-00-00, account 55779911» thanks
    kundennummer «4429918»
    contract no: «VT-88210»
    routing «US_BANK_NUMBER:021000021» is
    aba number «US_BANK_NUMBER:121105350» is
    card «CREDIT_CARD:4111 1111 1111 1111» ok
    card «CREDIT_CARD:4111-1111-1111-1111» ok
    card «CREDIT_CARD:4111.1111.1111.1111» ok
    card «CREDIT_CARD:41 11 11 11 11 11 11 11» ok
    card «CREDIT_CARD:5105105105105100» ok
    card «CREDIT_CARD:3714 496353 98431» ok
    card «CREDIT_CARD:6011111111111117» ok
    iban «IBAN_CODE:GB82 WEST 1234 5698 7654 32»
    to «IBAN_CODE:DE89370400440532013000» now
    to «IBAN_CODE:DE89 3704 0044 0532 0130 00» now
    to «IBAN_CODE:FR14 2004 1010 0505 0001 3M02 606» now
    to «IBAN_CODE:NL91ABNA0417164300» now
    to «IBAN_CODE:ES91 2100 0418 4502 0005 1332» now
    to «CRYPTO:0x52908400098527886E0F7030069857D2E4169EE7» now
    to «CRYPTO:1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa» now
    policy «HX-99-33812» here
    my badge is #«44821»
    patient no MRN «0048213»
""")
ACCOUNTS_OF_VIEWERS = rows("""
    it says «839201746» there
    it says «4111 1111 1111 1112» there
    it says «QX71192204» there
    my password is «Hunter2!otter»
    wifi pw «sunflower88»
    pin «4821»
    pass code «7714»
    the pin code is «482193»
    number plate «AB12 CDE»
    license plate «7ABC123»
    the car «AB12 CDE» was hers
""")
DEVICES = rows("""
    idfa «6D92078A-8246-4BA4-AE5B-76104861E7DC» is
    gaid «38400000-8cf0-11bd-b23e-10b96e40000d» is
    the id «00000000-0000-0000-0000-000000000000» is
    imei «490154203237518» is
    imei: «35-209900-176148-1» is
    my phone, imei «35 209900 176148 1», is
    mac «00:1A:2B:3C:4D:5E» is
    mac «00-1a-2b-3c-4d-5e» is
    mac «001a.2b3c.4d5e» is
    device id: «AX99-812-bb7» is
    serial number «C02XK1ZZJG5H» is
    serial no. «SN-4492-001» is
    android id «9774d56d682e549c» is
    advertising id «38400000-8cf0-11bd-b23e-10b96e40000d» is
    hash «9f86d081884c7d659a2feaa0c55ad015» is
    hash «da39a3ee5e6b4b0d3255bfef95601890afd80709» is
    cookie «GA1.2.1033501218.1368477899» is
    cookie «GA1.1.444900442.1700000000» is
    _ga=«GA1.2.1033501218.1368477899» is
    cookie «fb.1.1596403881668.1116446470» is
    _fbp: «fb.1.1596403881668.1116446470» is
    session id «a8f5f167f44f4964e6c998dee827110c» is
    session id: «k3j9x8-22bq» is
    jsessionid=«0A1B2C3D4E5F6G» is
    client id «1033501218.1368477899» is
    gclid=«Cj0KCQjw9a2_BwE8» is
    token «eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.dozjgNryP4J3jVmN» is
    udid «00008030-001C2D8A3E38802E» is
    key «sk-live-9f8a7b6c5d4e3f2a1b0c» here
""")
HANDLES = rows("""
    follow «@emma_s» there
    follow «@emma@mastodon.example» there
    as «moth#1234» there
    see «instagram.com/moth.ghost» there
    see «https://www.tiktok.com/@moth.ghost» there
    see «twitter.com/moth_ghost/status» there
    see «https://x.com/mothghost» there
    see «https://letterboxd.com/mothghost/films» there
    see «linkedin.com/in/emma-thornbury-99» there
    see «https://www.facebook.com/emma.thornbury» there
    see «reddit.com/user/moth-ghost» there
    see «t.me/mothghost» there
    see «steamcommunity.com/id/mothghost» there
    write «EMAIL_ADDRESS:emma (at) example (dot) com» there
    write «EMAIL_ADDRESS:emma[at]example.com» there
    write «EMAIL_ADDRESS:emma.t+film@mail.example.co.uk» there
""")
HANDLES_OF_VIEWERS = rows("""
    see «u/mothghost» there
    insta: «moth.ghost» there
    ig: «mothghost» there
    my ig is «mothghost»
    my insta is «mothghost», follow me
    my discord tag is «mothghost»
    my gamertag is «xXmothXx» and i play a lot
    add me on snap «moth_ghost9» please
    psn id: «moth-ghost» there
    username: «mothghost» there
    my username is «mothghost»
    steam name = «mothghost»
    find me on letterboxd as «moth.ghost» please
    please check account «moth_ghost_88» soon
    «night_moth» told me
    telegram «@mothghost» there
    write «EMAIL_ADDRESS:emma at example dot com» there
    write «EMAIL_ADDRESS:emma dot t at example dot co dot uk» there
    write «EMAIL_ADDRESS:emma99 at gmail» there
    write «EMAIL_ADDRESS:emma99 at gmail dot com» there
    write «EMAIL_ADDRESS:emma @ example.com» there
""")
LEFT = rows("""
    order 66 is a scene
    the ending 1994, an ending in 3 parts
    a true account of war, on account of 1984
    policy of 2024, season ticket 1
    the order of the phoenix 2007
    membership has its privileges
    card games and a house of cards 3
    case 39 and cold case 2003
    reference to the 1968 film
    booking a table for 4 at 7
    customer 1 was rude
    user reviews of 2019
    twitter is full of spoilers
    twitter hated the ending, facebook loved it
    reddit: the movie
    my twitter is full of hate
    instagram is down again
    meet @ noon
    1/2 price and and/or u/s
    the device is broken, the session was long
    serial killers and a serial from 1936
    a cookie at 9, cookies at 10
    phone in 1080p or 4k uhd
    mac and cheese, mac 2
    client 9 and client list
    android 13 and ios 17
    snap out of it, steam rose
    look at gmail dot
    a hash of 1994
    and at the end. com
    number 9 and number 23
    my password is wrong
    i forgot my password again
    the password is peace
    pin it for me
    pin 3 films
    a secret 1960s affair
    the token black guy of 1994
    key 2 success
    plate 4 two
    home plate 2
    reg is short for 3 names
""")
LEFT_IN_TITLES = rows("""
    Order 66 is given; Case 39 is opened.
    Policy Academy 4 follows Police Academy 3.
    The Client List, Client 9, The Account of 1984.
    House of Cards season 3, card 7 of the tarot.
    Serial Mom, Serial Experiments, Session 9.
    The Reference (2019), Booking 101, Ticket 237.
    The Social Network and its website thefacebook.
    Member 1 of the club, customer 3 in the shop.
    Twitter is abuzz; Facebook follows.
    Visa 2010, Passport 1949, License to Kill 1989.
    Android 17 and Android 18 fight Cell.
    Mac 10, MI6, MI5, KGB-7, Area 51.
    Token 1999 and Cookie 1989.
    Contract on 1998, Contract Killer 2.
    The Invoice of 1921, the Claim (2000).
    Number 23, Number 17, No. 2, Number 9.
""")


@pytest.mark.parametrize("side", ["viewer", "title", "output"])
@pytest.mark.parametrize(
    ("row", "type_"),
    [
        *((row, "ACCOUNT_NUMBER") for row in ACCOUNTS),
        *((row, "DEVICE_ID") for row in DEVICES),
        *((row, "HANDLE") for row in HANDLES),
    ],
)
def test_an_identifier_with_its_name_or_checksum_is_found_on_every_side(row, type_, side, engine):
    assert found(row, side, engine) == expected(row, type_)


@pytest.mark.parametrize(
    ("row", "type_"),
    [
        *((row, "ACCOUNT_NUMBER") for row in ACCOUNTS_OF_VIEWERS),
        *((row, "HANDLE") for row in HANDLES_OF_VIEWERS),
    ],
)
def test_a_viewers_identifier_is_found_on_suspicion(row, type_, engine):
    assert found(row, "viewer", engine) == expected(row, type_)


@pytest.mark.parametrize("row", LEFT)
def test_what_only_sounds_like_an_identifier_is_left(row, engine):
    assert found(row, "viewer", engine) == ()


@pytest.mark.parametrize("row", LEFT_IN_TITLES)
def test_words_of_titles_are_no_identifiers(row, engine):
    assert found(row, "title", engine) == ()
