"""One picture: `decode` reads or refuses a file, `preprocessing` is the one resize and normalisation."""
