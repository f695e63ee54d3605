"""One frozen settings class a function; the only readers of the environment."""
