"""What people do with the metrics' query files: try them out, and read about them."""
