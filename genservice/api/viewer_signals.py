"""Signals of a viewer: seen, told, corrected, forgotten (GDPR Art. 15, 16, 17)."""

from typing import Annotated

from litestar import Controller, delete, get, patch, put
from litestar.di import NamedDependency
from litestar.openapi.spec import Example
from litestar.params import Body, JSONBody

from genservice.api.access import OF_A_VIEWER
from genservice.api.addresses import SignalNameInPath
from genservice.api.problems import problems
from genservice.api.service import Service
from genservice.api.viewer_schemas import (
    EXAMPLE_SIGNALS,
    SignalAnswer,
    SignalRequest,
    SignalsAnswer,
    SignalsRequest,
)
from genservice.api.viewers import NO_STORE, OF_VIEWERS
from genservice.domain import ViewerId
from genservice.rights import Teller

_EXAMPLE = Body(examples=[Example(summary="Two signals", value=EXAMPLE_SIGNALS)])


class ViewerSignalController(Controller):
    """What is known of a viewer."""

    path = "/v1/viewers/{viewer_id:str}/signals"
    tags = ("Viewers",)
    opt = OF_VIEWERS
    cache_control = NO_STORE
    dependencies = OF_A_VIEWER

    @get("/", operation_id="list_viewer_signals", responses=problems())
    async def list_signals(
        self, viewer: NamedDependency[ViewerId], service: NamedDependency[Service]
    ) -> SignalsAnswer:
        """The signals that are held of a viewer, with who told them and when they are forgotten."""
        return SignalsAnswer(items=await service.rights.signals(viewer))

    @put("/", operation_id="replace_viewer_signals", responses=problems(409, 413, 415))
    async def replace_signals(
        self,
        viewer: NamedDependency[ViewerId],
        source: NamedDependency[Teller],
        data: Annotated[SignalsRequest, _EXAMPLE],
        service: NamedDependency[Service],
    ) -> SignalsAnswer:
        """Hold these signals and no others.

        Each must be declared, of the shape it is declared in, and one that may be kept.
        """
        held = await service.rights.replace_signals(viewer, data.signals, source=source)
        return SignalsAnswer(items=held)

    @patch("/", operation_id="change_viewer_signals", responses=problems(409, 413, 415))
    async def change_signals(
        self,
        viewer: NamedDependency[ViewerId],
        source: NamedDependency[Teller],
        data: Annotated[SignalsRequest, _EXAMPLE],
        service: NamedDependency[Service],
    ) -> SignalsAnswer:
        """Hold these signals besides the others; null forgets one."""
        held = await service.rights.change_signals(viewer, data.signals, source=source)
        return SignalsAnswer(items=held)

    @delete("/", operation_id="forget_viewer_signals", responses=problems(409))
    async def forget_signals(
        self, viewer: NamedDependency[ViewerId], service: NamedDependency[Service]
    ) -> None:
        """Forget every signal; consents, controls and what was shown stay."""
        await service.rights.replace_signals(viewer, {}, source="app")

    @get("/{signal:str}", operation_id="get_viewer_signal", responses=problems())
    async def get_signal(
        self,
        viewer: NamedDependency[ViewerId],
        signal: SignalNameInPath,
        service: NamedDependency[Service],
    ) -> SignalAnswer:
        """What is held of one signal; `held` is null if nothing is."""
        held = await service.rights.signals(viewer)
        return SignalAnswer(
            name=signal, held=next((each for each in held if each.name == signal), None)
        )

    @put("/{signal:str}", operation_id="put_viewer_signal", responses=problems(409, 413, 415))
    async def put_signal(
        self,
        viewer: NamedDependency[ViewerId],
        source: NamedDependency[Teller],
        signal: SignalNameInPath,
        data: JSONBody[SignalRequest],
        service: NamedDependency[Service],
    ) -> SignalAnswer:
        """Hold one signal, in place of what was held of it."""
        held = await service.rights.tell_signal(viewer, signal, data.value, source=source)
        return SignalAnswer(name=signal, held=held)

    @delete("/{signal:str}", operation_id="forget_viewer_signal", responses=problems(409))
    async def forget_signal(
        self,
        viewer: NamedDependency[ViewerId],
        signal: SignalNameInPath,
        service: NamedDependency[Service],
    ) -> None:
        """Forget one signal."""
        await service.rights.forget_signal(viewer, signal)
