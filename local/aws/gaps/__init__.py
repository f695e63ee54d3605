"""One module per difference between the emulator and AWS; each has `install`. docs/local-gaps.md lists them."""
