"""Policies over HTTP: read, validate, explain. How another set goes live is `going_live`."""

import asyncio

from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import JSONBody

from genservice.api.access import roles
from genservice.api.headers import ETAG
from genservice.api.problems import errors_out, problems
from genservice.api.schemas import (
    ExplainAnswer,
    ExplainRequest,
    FilesRequest,
    PolicyOut,
    RuleOut,
    SegmentOut,
    SignalOut,
    ValidateAnswer,
)
from genservice.api.service import Service
from genservice.consents import hear
from genservice.contexts import resolved, string_notices
from genservice.documents import suggestion
from genservice.domain import Context, Processor
from genservice.errors import InvalidInputError, Problem
from genservice.policy import (
    PolicySet,
    decide,
    explained,
    from_files,
    notes,
    require_region,
    require_words,
)
from genservice.words import policy_words

READERS = roles("policy_owner", "privacy_officer", "editor")
OWNERS = roles("policy_owner")


class PolicyController(Controller):
    """The policy set in force, and drafts."""

    path = "/v1/policies"
    tags = ("Policies",)
    opt = READERS

    @get("/", operation_id="get_policies", response_headers=ETAG, responses=problems())
    async def get_policies(self, service: NamedDependency[Service]) -> Response[PolicyOut]:
        """The policy set in force: its version, signals, rules, segments and files.

        The ETag is the version: whoever changes the set names it in If-Match.
        """
        policies = service.policies()
        shown = PolicyOut(
            version=policies.version,
            signals=tuple(
                SignalOut(
                    name=signal.name,
                    label=signal.label,
                    value=signal.value,
                    sensitivity=signal.sensitivity,
                    ladder=signal.ladder,
                    keep_days=signal.keep_days,
                    data=signal.data,
                    context=signal.context,
                )
                for signal in policies.signals
            ),
            rules=tuple(
                RuleOut(id=rule.id, why=rule.why, file=rule.place.file, line=rule.place.line)
                for rule in policies.rules
            ),
            inferences=tuple(
                RuleOut(
                    id=placed.rule.id,
                    why=placed.rule.why,
                    file=placed.place.file,
                    line=placed.place.line,
                )
                for placed in policies.inferences.rules
            ),
            segments=tuple(
                SegmentOut(
                    name=segment.name,
                    label=segment.label,
                    why=segment.why,
                    signals=segment.signals,
                )
                for segment in policies.segments
            ),
            files=dict(policies.files),
        )
        return Response(shown, headers={"ETag": f'"{policies.version}"'})

    @post(
        "/validate",
        status_code=200,
        opt=OWNERS,
        operation_id="validate_policies",
        responses=problems(413, 415),
    )
    async def validate(
        self, data: JSONBody[FilesRequest], service: NamedDependency[Service]
    ) -> ValidateAnswer:
        """Check a draft; everything wrong with it is named with file, line and column."""
        policies = await asyncio.to_thread(from_files, {**service.policies().files, **data.files})
        require_words(policies, policy_words(service.vocabulary))
        noted = await asyncio.to_thread(notes, policies)
        return ValidateAnswer(version=policies.version, notes=errors_out(noted, policies.files))

    @post(
        "/explain", status_code=200, operation_id="explain_policies", responses=problems(413, 415)
    )
    async def explain(
        self, data: JSONBody[ExplainRequest], service: NamedDependency[Service]
    ) -> ExplainAnswer:
        """What the set in force decides of every signal, or of one, in a context: by which rules, and why."""
        policies = service.policies()
        if data.signal is not None and policies.signal(data.signal) is None:
            raise _unknown_signal(data.signal, policies)
        require_region(data.context.region, pointer="#/context/region")
        heard = hear(data.context.tcf, data.context.gpp, vendor=service.tcf_vendor)
        context = resolved(_sent(data, service.processor), heard, policies)
        return ExplainAnswer(
            policy=policies.version,
            decisions=tuple(
                decision
                for decision in decide(policies, context)
                if data.signal in (None, decision.signal)
            ),
            explanations=explained(policies, context, signal=data.signal),
            notices=string_notices(heard),
        )


def _unknown_signal(name: str, policies: PolicySet) -> InvalidInputError:
    hint = suggestion(name, [signal.name for signal in policies.signals])
    return InvalidInputError(Problem(pointer="#/signal", detail="not a declared signal", hint=hint))


def _sent(asked: ExplainRequest, processor: Processor) -> Context:
    """The context as it was sent."""
    sent = asked.context
    return Context(
        purpose=asked.purpose,
        region=sent.region,
        age_band=sent.age_band,
        consents=sent.consents,
        gpc=sent.gpc,
        channel=asked.channel,
        language=sent.language,
        processor=processor,
    )
