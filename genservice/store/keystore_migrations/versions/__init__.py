"""One module per migration, in the order their names give."""
