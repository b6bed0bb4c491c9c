"""WHO acts, BY WHEN, HOW WELL: the city's rules as pure functions over frozen values.

Values at the bottom, the one frozen rulebook on top:

    errors, roles, duty     refusals, actors, rows of the duty table (责任分解表)
    conditions              when a row applies: hours, season, caller, words
    lifecycle               states, moves, and who may make each: the one table
    calendar                natural and working time, legal holidays and 调休
    deadlines               promises -> clocks: dispatch, sign, contact, progress (day 3), result (day 7)
    routing, returns        area x place x condition -> unit; 退单 and who decides at last
    escalation, callbacks   the ladder of a late clock; asking the citizen
    checks, filing          what is read before it counts (待审核); what is put away (归档)
    whistles                who is called to the spot, and why (吹哨)
    counting, kpis          what a ticket counts for; rates with fixed denominators
    rulebook                all tables of one edition; decoding, and `check`

Nothing here reads a clock, a file, the environment, a database or the network: moments are parameters, always aware.
"""
