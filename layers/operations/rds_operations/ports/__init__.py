"""What the use cases need of the world, as protocols: adapters fulfil them, tests/fakes imitate them.

One module a concern: a function loads the part of the domain that its own ports speak of, and no other.
"""
