"""What the operations kit decides and does: domain, use cases, adapters and the runtime around them."""
