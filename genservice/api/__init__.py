"""HTTP: thin handlers over the path, and the one table from errors to answers."""
