"""What surrounds a use case in Lambda: settings, logging, metrics and event parsing."""
