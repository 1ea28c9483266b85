"""How the shipped tagger was made: its material, its recipe and its measures."""
