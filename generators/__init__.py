"""Makes the files that are generated and committed, and tells which of them are stale (docs/adr/0004).

One module a generated thing; it reads tables and templates as files, and imports nothing that is deployed.
"""
