"""The demonstration: the whole path once, every step with its evidence (`make demo`)."""
