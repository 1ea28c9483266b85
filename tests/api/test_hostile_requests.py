"""What no schema can say and no client means well by: every route refuses it, over both databases.

Text that a database cannot hold, numbers that no computer can, JSON that is none, addresses and headers
out of this world. Nothing of it is a fault of ours, and nothing is answered that the document does not tell of.
"""

from __future__ import annotations

import itertools
import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.openapi_service import OWN, Listening, listening

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.postgres import PostgresServer

MARK = "here-stands-what-is-hostile"
TEXTS = (
    r'"\ud800"', r'"\udfff\ud800"', r'"a\u0000b"', r'"\u0000"', '"\x00"', '"\t"', r'"\u202e\ufeff"', '"' + "x" * 100_000 + '"',
    '"' + "[" * 5_000 + '"', r'"😀"', r'"\u2028"', '"../../etc/passwd"', "\"'; DROP TABLE titles; --\"", '"{{ 7 * 7 }}"',
    '"%s%n"', '""', '" "',
)  # fmt: skip
NUMBERS = (
    "1e400", "-1e400", "NaN", "Infinity", "-Infinity", "1" + "0" * 400, "-1" + "0" * 40, "9223372036854775808", "0.1", "1.0",
    "-0", "1e2", "1E-400", "0x10", "01",
)  # fmt: skip
KINDS = ("null", "true", "[]", "{}", "[[]]", '{"": null}', "[" * 40 + "]" * 40)
VALUES = (*TEXTS, *NUMBERS, *KINDS)
WHOLE = (
    b"", b"null", b"[]", b'""', b"0", b"\xff\xfe", b"\xef\xbb\xbf{}", b'{"', b"{}{}", b"[" * 100_000, b'{"a":' * 100_000,
    b"\x00", b"{\x00}", b'{"\\ud800": 1}', b'{"a": "\xed\xa0\x80"}', b"// {}", b"{,}", b"\x1f\x8b\x08\x00",
)  # fmt: skip
PLACES = (
    "%00", "%ED%A0%80", "%FF", "%0A", "%0D%0AX-Evil:%201", "a%00b", "..%2F..%2Fetc%2Fpasswd", "%2E%2E", "x" * 4000, "%F0%9F%98%80",
    "'%3B--", "%25", "%25%30%30", "%20", "a%0A", "*", "-", "me%00",
)  # fmt: skip
QUERIES = (
    "limit=1e3", "limit=NaN", "limit=" + "9" * 5000, "limit=-1", "limit=", "limit=1&limit=2", "limit=%00", "limit=5_0",
    "cursor=%00", "cursor=%FF", "cursor=" + "9" * 40, "cursor=W10=", "cursor=WyJcdTAwMDAiLCAiIl0=", "cursor=WyJhIl0",
    "cursor=WyJcdWQ4MDAiLCAiYSJd", "cursor=%F0%9F%98%80", "cursor=", "cursor=-1", "cursor=٣", "q=%00", "q=%ED%A0%80", "q=" + "x" * 5000,
    "q=%25", "q=_", "q=%5C", "q[]=1", "format=%00", "format=../x", "=", "&&&", "%", "%zz=%zz", "a" * 5000,
)  # fmt: skip
HEADERS = (
    {"If-Match": b"\xff"}, {"If-Match": b'"' + b"9" * 5000 + b'"'}, {"If-Match": b"*, *"}, {"If-Match": b""}, {"If-Match": b"W/\"1\""},
    {"Accept": b"\xff/\xff"}, {"Accept": b"text/html;q=1e400"}, {"Accept": b"*/*;q=NaN"}, {"Accept": b"," * 5000}, {"Accept": b"text/plain"},
    {"Accept": b"application/openmetrics-text; version=\xff"}, {"Accept": b"application/openmetrics-text; version=1.0.0; escaping=values"},
    {"Content-Type": b"\xff"}, {"Content-Type": b"application/json; charset=utf-16"}, {"Content-Type": b"multipart/form-data"},
    {"Content-Type": b"application/json; charset=\xff"}, {"Sec-GPC": b"\xff"}, {"Traceparent": b"\xff"}, {"Traceparent": b"00-" + b"0" * 32},
    {"Cookie": b"\xff=\xff; a"}, {"X-HTTP-Method-Override": b"DELETE"}, {"Origin": b"null"}, {"Range": b"bytes=0-0"},
    {"Content-Encoding": b"gzip"}, {"Expect": b"100-continue"}, {"Accept-Language": b"\xff"}, {"If-None-Match": b"*"},
)  # fmt: skip


@pytest.fixture(scope="module")
def over_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Listening]:
    with listening(tmp_path_factory.mktemp("sqlite")) as service:
        yield service


@pytest.fixture(scope="module")
def over_postgresql(
    postgres: PostgresServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Listening]:
    url = postgres.url(postgres.new_database())
    with listening(tmp_path_factory.mktemp("postgresql"), database_url=url) as service:
        yield service


@pytest.fixture(params=["over_sqlite", "over_postgresql"])
def service(request: pytest.FixtureRequest) -> Listening:
    return request.getfixturevalue(request.param)


def test_bodies_that_are_hostile_in_one_place(service: Listening) -> None:
    for operation_id, example in service.bodies():
        for body in _spoilt(example):
            service.send(operation_id, body=body)


def test_bodies_that_are_hostile_as_a_whole(over_sqlite: Listening) -> None:
    service = over_sqlite
    for operation_id, example in service.bodies():
        text = json.dumps(example).encode()
        doubled = text[:-1] + b", " + text[1:]
        for body in (*WHOLE, text[:-1], text + b"x", b"[" + text + b"]", doubled):
            service.send(operation_id, body=body)


def test_addresses_out_of_this_world(service: Listening) -> None:
    for operation_id, address in service.addresses():
        for name in _names(address):
            for place in PLACES:
                others = {other: OWN for other in _names(address) if other != name}
                service.send(operation_id, {**others, name: place}, body=b"{}")


def test_queries_out_of_this_world(service: Listening) -> None:
    for operation_id, address in service.addresses():
        if service.takes_a_query(operation_id):
            for query in QUERIES:
                service.send(operation_id, dict.fromkeys(_names(address), "a"), query=query)


def test_headers_out_of_this_world(over_sqlite: Listening) -> None:
    service = over_sqlite
    for operation_id, address in service.addresses():
        for headers in HEADERS:
            service.send(
                operation_id, dict.fromkeys(_names(address), "a"), body=b"{}", headers=headers
            )


def test_methods_that_nobody_serves_are_answered_in_the_same_form(over_sqlite: Listening) -> None:
    service = over_sqlite
    for address in {address for _, address in service.addresses()}:
        for method in ("HEAD", "TRACE", "CONNECT", "PROPFIND", "get", "OPTIONS", "PATCH", "DELETE"):
            answer = service.raw(method, address.replace("{", "").replace("}", ""))
            assert answer.status_code < 500, (method, address)
            kind = answer.headers.get("content-type", "")
            assert answer.status_code < 400 or kind == "application/problem+json", (method, kind)


def _spoilt(example: Any) -> Iterator[bytes]:
    """The example, with something hostile in it: each such thing once or more, in turn at each place."""
    pointers = list(_pointers(example))
    places = itertools.cycle(json.dumps(_replaced(example, pointer)) for pointer in pointers)
    for value in itertools.islice(itertools.cycle(VALUES), max(len(VALUES), 4 * len(pointers))):
        text = next(places)
        yield text.replace(f'"{MARK}"', value, 1).encode()


def _pointers(value: Any, at: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if isinstance(value, dict):
        for name, each in value.items():
            yield from _pointers(each, (*at, name))
    elif isinstance(value, list) and value:
        yield from _pointers(value[0], (*at, 0))
    if at:
        yield at


def _replaced(value: Any, pointer: tuple[Any, ...]) -> Any:
    if not pointer:
        return MARK
    first, *rest = pointer
    if isinstance(value, dict):
        return {**value, first: _replaced(value[first], tuple(rest))}
    return [_replaced(value[0], tuple(rest)), *value[1:]]


def _names(address: str) -> list[str]:
    return [part[1:-1] for part in address.split("/") if part.startswith("{")]
