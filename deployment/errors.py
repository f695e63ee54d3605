"""The errors of a deployment that a person sees, each in one line.

```
DeploymentError        something is missing, wrong or failed; what to do about it stands in the message
└── RefusedError       a rule forbids what was asked for; the message names the thing and the deliberate way
```
"""


class DeploymentError(Exception):
    """A deployment cannot be prepared, made or removed."""


class RefusedError(DeploymentError):
    """A rule forbids what was asked for."""
