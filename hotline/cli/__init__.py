"""The command line: `hotline` + noun + verb; the machine's own verbs stand alone.

Thin: flags in, one call, text out.
"""
