"""The one error of the embedded environment that a person sees.

```
LocalError    one line: what is wrong, with which thing, and what to do about it
```
"""


class LocalError(Exception):
    """Something the embedded environment needs is missing, taken or did not happen in time."""
