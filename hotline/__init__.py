"""The office: people, paper, doors and the clock on the wall.  All input and output of the product lives here.

Read `flow` first: one file a step of a ticket's journey.  `store` holds the rows, `wire` the shapes that cross a
border, `city` the rules of the place, `jobs` the machine's triggers, `web` and `cli` the people's.
"""
