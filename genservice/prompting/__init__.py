"""Prompts: loaded and strictly rendered from prompts/."""

from genservice.prompting.library import Prompts, load_prompts
from genservice.prompting.prompt import Prompt, parse_prompt

__all__ = ["Prompt", "Prompts", "load_prompts", "parse_prompt"]
