"""What `make bench` runs: measurements of the kit's own code, as ratios, on this machine and without AWS."""
