"""Speed, as ratios: two sides of one question, in slices that alternate, in one run on one machine.

Absolute rates belong to the machine that ran them.  Counts (statements, commands, blocks) are exact and gate anywhere.
"""
