"""One file a function: load, decide, act, report. Knows ports and the domain only."""
