"""Files of other systems, read and written: tickets, history, areas, ground, people.

csv_text, workbook (records of a file, streamed) < sheets (which of the two) · columns (headings -> fields, MAP.toml) ·
values (one cell -> one value) · rejects (what could not be read, with reasons) < rows (one record -> one matter) <
history (what a replayed file says happened afterwards) < load (a whole file through the journey) < pasts (what a file
of history teaches).  maps (GeoJSON, shapefiles) < ground (drawn places, who leads them) · plan (what a survey
found, drawn) · placed (a history with its places) < gazetteers (names from files and folders).
"""
