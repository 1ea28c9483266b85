"""The rights of viewers: to see, correct, take out and erase what is held of them, to object, and to know why."""

from genservice.rights.consenting import ConsentPage, ViewerConsents, Withdrawal
from genservice.rights.explaining import Explanations, ShownPage
from genservice.rights.rights import Rights, Teller
from genservice.rights.schemas import export_schema
from genservice.rights.shapes import ConsentKept, ControlsKept, Shown, SignalKept, ViewerExport
from genservice.rights.telling import Why, consent_kept, controls_kept

__all__ = [
    "ConsentKept", "ConsentPage", "ControlsKept", "Explanations", "Rights", "Shown", "ShownPage", "SignalKept", "Teller",
    "ViewerConsents", "ViewerExport", "Why", "Withdrawal", "consent_kept", "controls_kept", "export_schema",
]  # fmt: skip
