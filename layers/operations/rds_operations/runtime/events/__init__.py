"""Parsers from what AWS sends to what the use cases take."""
