"""What may stand in an address: another form cannot name anything, and is refused before it is looked for."""

from typing import Annotated

from litestar.params import PathParameter

# Python's `$` would take a line feed after it.
_END = r"$(?!\n)"

TitleIdInPath = Annotated[str, PathParameter(pattern=rf"^[a-z0-9-]{{1,64}}{_END}")]
ReceiptIdInPath = Annotated[str, PathParameter(pattern=rf"^[a-z0-9-]{{1,80}}{_END}")]
ShownIdInPath = Annotated[
    str,
    PathParameter(pattern=rf"^[a-z0-9-]{{1,80}}{_END}", description="Of a blurb or a receipt."),
]
KeyIdInPath = Annotated[str, PathParameter(pattern=rf"^[a-z0-9-]{{1,64}}{_END}")]
VersionInPath = Annotated[str, PathParameter(pattern=rf"^[a-z0-9:-]{{1,80}}{_END}")]
SignalNameInPath = Annotated[str, PathParameter(pattern=rf"^[a-z][a-z0-9_]{{0,63}}{_END}")]
ViewerIdInPath = Annotated[
    str,
    PathParameter(
        # Held to it by `ViewerId`, whose error helps more.
        schema_extra={"pattern": rf"^(?!\.{{1,2}}$)[A-Za-z0-9._~-]{{1,128}}{_END}"},
        description="The app's name of a viewer; with a viewer token, `me` as well.",
    ),
]
