"""The sample city (示例区), so that a fresh installation shows a working office: invented rules, people and tickets.

`city` holds the files; `plant` puts them into an empty database; `staff` are the people of people.toml; `lives` tells
what becomes of each ticket of tickets.csv; `past` lets those lives happen, in order, at their own times.
"""
