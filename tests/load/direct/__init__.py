"""The baselines: the same work as one FastAPI and asyncpg process without a bus, written as well as we can.

They take the same requests, check the same token, validate with the same body, apply the same domain rules and answer
the same bytes. They have no row-level security, no claims of their own and no tickets or calendars to make, so that
they do a little less than what they are compared with, never more.
"""
