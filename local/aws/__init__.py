"""The local AWS: ministack, with what it lacks supplied piece by piece in `gaps` (docs/local-gaps.md)."""
