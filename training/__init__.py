"""How the shipped weights were made: phrases, texts composed from them, recipe, evaluation."""
