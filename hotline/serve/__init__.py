"""The machine: one supervisor for the bundled Valkey, the web, the rounds and the workers; and their doctor.

Reading order: ground (what must be ours before anything starts), children (a process on a leash), valkey, prepare
(schema and sample city), supervisor (start, watch, stop), welcome (what a person is told), doctor (what is wrong).
The supervisor's own process imports nothing heavy: the schema and the sample city are prepared by a child.
"""
