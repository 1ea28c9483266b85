"""Prompts: loaded and strictly rendered from prompts/."""

from genservice.prompting.compact import compact, measured, said_length, shown
from genservice.prompting.library import Prompts, load_prompts
from genservice.prompting.prompt import Prompt, parse_prompt

__all__ = [
    "Prompt", "Prompts", "compact", "load_prompts", "measured", "parse_prompt", "said_length", "shown",
]  # fmt: skip
