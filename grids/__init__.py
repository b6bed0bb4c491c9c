"""Where is it: one district's ground, its names and who walks there.

A grid (网格) is the smallest piece of ground with a named leader; it belongs to exactly one community (社区/村),
which belongs to one street (街道/镇) of one district (区).  Read from the bottom:

    errors      what is refused here
    geometry    points, metres, WGS-84 / GCJ-02 / BD-09, and coordinates as real exports hold them
    plane       a city's own plane coordinates in metres, to WGS-84 and back
    tree        district > street > community > grid > micro-grid, one edition, checked when planted
    codes       15 digits (6 + 3 + 3 + 3), checked and built
    names       forms of a place's name: official endings, short forms, a grid's title
    addresses   names of places and landmarks found in free Chinese text
    polygons    which places a point lies in, and which are within a few metres
    evidence    several names in one text weighed into one place
    locate      the one question: text, address and point -> Located(grid, how, confidence, why)
    learning    landmarks that confirmed tickets teach, for a person to read through
    scoring     places found against places confirmed: how often right, and what fails
    survey      ground looked over before it counts: overlaps, gaps, broken rings, a wrong datum, codes, leaders
    leaders     who answers for a grid on a day: leader, deputy, leave cover

Nothing here reads a file, a clock or the network.
"""
