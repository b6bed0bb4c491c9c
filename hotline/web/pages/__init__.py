"""The journey, by people: one file a desk.  `looks` renders, `words` says, `router` lists the pages."""
