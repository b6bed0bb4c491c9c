"""The office: all input and output around the rules: database, web, commands, background work.

Read `flow` first: one file a step of a ticket's journey.  `store` holds the rows, `wire` the shapes that cross a
border, `city` the rules of the place, `jobs` the machine's triggers, `web` and `cli` the people's.
"""
