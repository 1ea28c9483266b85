"""Receipts: read, explained and verified."""

from typing import Any

import msgspec
from litestar import Controller, MediaType, Request, Response, get, post
from litestar.di import NamedDependency
from litestar.exceptions import NotFoundException
from litestar.params import JSONBody

from genservice.api.accepting import wants_text
from genservice.api.access import ANYONE_WITH_A_KEY, OPEN
from genservice.api.addresses import ReceiptIdInPath
from genservice.api.document import ALSO_ANSWERS
from genservice.api.problems import problems
from genservice.api.schemas import VerifyAnswer, VerifyRequest
from genservice.api.service import Service
from genservice.canonical import doubled
from genservice.domain import Receipt
from genservice.errors import InvalidInputError, Problem
from genservice.explanations import ReceiptInWords, in_words
from genservice.receipts import KeySet, verify


class ReceiptController(Controller):
    """The signed accounts of how blurbs came to be."""

    tags = ("Receipts",)

    @get(
        "/v1/receipts/{receipt_id:str}",
        opt=ANYONE_WITH_A_KEY,
        operation_id="get_receipt",
        responses=problems(404),
    )
    async def get_receipt(
        self, receipt_id: ReceiptIdInPath, service: NamedDependency[Service]
    ) -> Receipt:
        """A receipt by its id."""
        receipt = await service.receipts.get(receipt_id)
        if receipt is None:
            raise NotFoundException
        return receipt

    @get(
        "/v1/receipts/{receipt_id:str}/explanation",
        opt={**ANYONE_WITH_A_KEY, ALSO_ANSWERS: ("text/plain",)},
        operation_id="explain_receipt",
        responses=problems(404, 406),
    )
    async def explain_receipt(
        self,
        receipt_id: ReceiptIdInPath,
        request: Request[Any, Any, Any],
        service: NamedDependency[Service],
    ) -> Response[ReceiptInWords]:
        """A receipt in words that its viewer understands; with `Accept: text/plain`, as a text."""
        as_text = wants_text(request.headers.get("accept", ""))
        receipt = await service.receipts.get(receipt_id)
        if receipt is None:
            raise NotFoundException
        words = in_words(receipt, await service.explanations.policies_of(receipt.statement.policy))
        if as_text:
            return Response(f"{words}\n", media_type=MediaType.TEXT)  # pyright: ignore[reportReturnType]
        return Response(words)

    @post(
        "/v1/receipts/verify",
        status_code=200,
        opt=ANYONE_WITH_A_KEY,
        operation_id="verify_receipt",
        responses=problems(413, 415),
    )
    async def verify_receipt(
        self,
        data: JSONBody[VerifyRequest],
        request: Request[Any, Any, Any],
        service: NamedDependency[Service],
    ) -> VerifyAnswer:
        """Whether a receipt is genuine and, if a text is given, accounts for it."""
        receipt = _as_sent(await request.body())
        verdict = verify(receipt, service.signer.public_keys(), text=data.text)
        return VerifyAnswer(valid=verdict.valid, reason=verdict.reason)

    @get("/.well-known/genservice-keys.json", opt=OPEN, operation_id="get_public_keys")
    async def get_public_keys(self, service: NamedDependency[Service]) -> KeySet:
        """The public keys that receipts verify with (RFC 7517, RFC 8037)."""
        return service.signer.public_keys()


class _Sent(msgspec.Struct):
    receipt: msgspec.Raw


def _as_sent(body: bytes) -> bytes:
    # What is decoded and encoded again has lost doubled keys, and would verify although readers
    # differ about what it says.
    try:
        pointers = doubled(body)
    except (ValueError, RecursionError):
        raise InvalidInputError(Problem(pointer="#", detail="cannot be read")) from None
    if pointers:
        raise InvalidInputError(
            *(Problem(pointer=f"#{pointer}", detail="a key stands twice") for pointer in pointers)
        )
    return bytes(msgspec.json.decode(body, type=_Sent).receipt)
