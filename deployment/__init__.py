"""Deploys the application to AWS, or to the embedded AWS: `make validate`, `diff`, `deploy` and `destroy`."""
