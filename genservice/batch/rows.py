"""What is written of each text: a row of results, and its receipt. No row says anything of signals withheld."""

from __future__ import annotations

import hashlib
import importlib
from io import BytesIO
from typing import TYPE_CHECKING, Any, Literal

import msgspec

from genservice.domain import Purpose, Tone
from genservice.domain.audience import Channel
from genservice.domain.titles import Length
from genservice.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from genservice.batch.audiences import Audience
    from genservice.batch.plan import Part
    from genservice.briefing import Options
    from genservice.domain import Answer, Receipt, TitleRef


Formats = tuple[Literal["jsonl", "parquet"], ...]
"""What parts are written in."""


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One text for one title and audience, or why there is none."""

    title: str
    revision: int
    audience: str
    purpose: Purpose
    channel: Channel
    length: Length
    tone: Tone
    text: str | None = None
    """None: nothing could be served."""
    blurb: str | None = None
    language: str | None = None
    personalised: bool = False
    source: str | None = None
    """`written`, `twin` or `editorial`."""
    reason: str | None = None
    """Why it is not the text asked for; see `FAILED` for what is a failure."""
    angle: str | None = None
    digital_source_type: str | None = None
    model: str | None = None
    model_version: str | None = None
    processor: str | None = None
    receipt: str | None = None
    """The id of its receipt, which lies in the part's receipts."""


FAILED = frozenset({
    "check_failed", "model_unavailable", "guard_unavailable", "unavailable", "title_changed", "fault",
})  # fmt: skip
"""Reasons that somebody should look at.

`unavailable`: the database did not answer. `title_changed`: the title was changed or deleted since the
batch was begun. `fault`: a defect of genservice, which the log names.
"""
PASSING = frozenset({"model_unavailable", "guard_unavailable", "unavailable"})
"""Those that another try may mend."""


def row_of(title: TitleRef, audience: Audience, options: Options, answer: Answer) -> Row:
    """The row of an answer."""
    (blurb,) = answer.blurbs
    model = blurb.model
    return Row(
        **_asked(title, audience, options),
        text=blurb.text,
        blurb=blurb.id,
        language=blurb.language,
        personalised=blurb.personalised,
        source=blurb.source,
        reason=blurb.reason,
        angle=blurb.angle,
        digital_source_type=blurb.digital_source_type,
        model=None if model is None else model.name,
        model_version=None if model is None else model.version,
        processor=None if model is None else model.processor,
        receipt=answer.receipt.id,
    )


def nothing_of(title: TitleRef, audience: Audience, options: Options, reason: str) -> Row:
    """The row where nothing can be served."""
    return Row(**_asked(title, audience, options), reason=reason)


def _asked(title: TitleRef, audience: Audience, options: Options) -> dict[str, Any]:
    return {
        "title": title.id,
        "revision": title.revision,
        "audience": audience.name,
        **msgspec.structs.asdict(options),
    }


class Failure(msgspec.Struct, frozen=True, kw_only=True):
    """A text that came out otherwise than it should, because something failed."""

    title: str
    audience: str
    purpose: Purpose
    channel: Channel
    length: Length
    tone: Tone
    source: str | None
    """What is served instead; None: nothing can be."""
    reason: str


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """One file of a part, by what anybody can check it with."""

    bytes: int
    sha256: str


class Record(msgspec.Struct, frozen=True, kw_only=True):
    """A part that is written: what the journal says of it."""

    part: int
    items: int
    counts: dict[str, int]
    """Texts by `source`, or `source:reason` where it is not the text asked for."""
    failed: tuple[Failure, ...]
    files: dict[str, Facts]
    """By name under the folder of results."""


class Written(msgspec.Struct, frozen=True, kw_only=True):
    """A part's files as bytes, and the record of it: ready to be put on disk."""

    record: Record
    files: dict[str, bytes]


def written(
    part: Part, rows: Sequence[Row], receipts: Sequence[Receipt], *, formats: Formats
) -> Written:
    """The files of a part.

    Args:
        part: Which.
        rows: Its results, in order.
        receipts: Those that they name, in the order of the first row to name each.
        formats: Which are made.

    Raises:
        SettingsError: Parquet is wanted, and pyarrow is not installed.
    """
    name = f"part-{part.number:06}"
    files: dict[str, bytes] = {}
    if "jsonl" in formats:
        files[f"results/{name}.jsonl"] = _lines(rows)
        files[f"receipts/{name}.jsonl"] = _lines(receipts)
    if "parquet" in formats:
        files[f"results/{name}.parquet"] = _results_table(rows)
        files[f"receipts/{name}.parquet"] = _receipts_table(receipts)
    counts: dict[str, int] = {}
    for row in rows:
        counts[kind_of(row)] = counts.get(kind_of(row), 0) + 1
    return Written(
        record=Record(
            part=part.number,
            items=len(rows),
            counts=dict(sorted(counts.items())),
            failed=tuple(map(_failure, filter(has_failed, rows))),
            files={
                path: Facts(bytes=len(raw), sha256=hashlib.sha256(raw).hexdigest())
                for path, raw in files.items()
            },
        ),
        files=files,
    )


def has_failed(row: Row) -> bool:
    """Whether somebody should look at it: nothing is served, or something else because of a failure."""
    return row.text is None or row.reason in FAILED


def kind_of(row: Row) -> str:
    """What a row counts as."""
    return ":".join(word for word in (row.source or "none", row.reason) if word)


def _failure(row: Row) -> Failure:
    return Failure(
        title=row.title,
        audience=row.audience,
        purpose=row.purpose,
        channel=row.channel,
        length=row.length,
        tone=row.tone,
        source=row.source,
        reason=row.reason or "",
    )


def _lines(items: Sequence[Any]) -> bytes:
    return b"".join(msgspec.json.encode(item) + b"\n" for item in items)


def arrow() -> Any:
    """The library that writes Parquet.

    Raises:
        SettingsError: It is not installed.
    """
    try:
        importlib.import_module("pyarrow.parquet")
        return importlib.import_module("pyarrow")
    except ImportError:
        raise SettingsError(
            "Parquet needs pyarrow: pip install 'genservice[batch]'; or give --formats jsonl"
        ) from None


def _results_table(rows: Sequence[Row]) -> bytes:
    pa = arrow()
    kinds = {"revision": pa.int32(), "personalised": pa.bool_()}
    # Words of small sets and names that come again and again are stored once.
    schema = pa.schema([
        pa.field(name, kinds.get(name, pa.string()), nullable=name not in _ALWAYS)
        for name in Row.__struct_fields__
    ])  # fmt: skip
    columns = [[getattr(row, name) for row in rows] for name in Row.__struct_fields__]
    return _parquet(pa, columns, schema)


_ALWAYS = frozenset({
    "title", "revision", "audience", "purpose", "channel", "length", "tone", "personalised",
})  # fmt: skip


def _receipts_table(receipts: Sequence[Receipt]) -> bytes:
    """Each receipt whole, as JSON that `genservice receipt verify` takes, with what to find it by."""
    pa = arrow()
    columns: dict[str, list[Any]] = {
        "id": [each.id for each in receipts],
        "title": [each.statement.title.id for each in receipts],
        "revision": [each.statement.title.revision for each in receipts],
        "purpose": [each.statement.purpose for each in receipts],
        "policy": [each.statement.policy for each in receipts],
        "model": [each.statement.model for each in receipts],
        "key": [each.signature.key for each in receipts],
        "receipt": [msgspec.json.encode(each).decode() for each in receipts],
    }
    schema = pa.schema([
        pa.field(name, pa.int32() if name == "revision" else pa.string(), nullable=False)
        for name in columns
    ])  # fmt: skip
    return _parquet(pa, list(columns.values()), schema)


def _parquet(pa: Any, columns: Sequence[Sequence[Any]], schema: Any) -> bytes:
    arrays = [pa.array(column, field.type) for column, field in zip(columns, schema, strict=True)]
    sink = BytesIO()
    table = pa.Table.from_arrays(arrays, schema=schema)
    pa.parquet.write_table(table, sink, compression="zstd")
    return sink.getvalue()
