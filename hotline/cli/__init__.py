"""What a person types: `hotline` + noun + verb; bare verbs are the machine's.  Thin: flags in, one call, text out."""
