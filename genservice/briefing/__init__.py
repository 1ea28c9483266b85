"""From a title's slots and released signals to a brief: the angle, and what may be said."""

from genservice.briefing.angles import choose_angle, person_id
from genservice.briefing.build import Options, build, heeded, tone_for
from genservice.briefing.occasions import Occasion, load_occasions, occasion_slots

__all__ = [
    "Occasion",
    "Options",
    "build",
    "choose_angle",
    "heeded",
    "load_occasions",
    "occasion_slots",
    "person_id",
    "tone_for",
]
