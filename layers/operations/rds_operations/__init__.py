"""What the operations kit decides and does: domain, use cases, adapters and the runtime around them.

Loading modules makes tens of thousands of objects and hardly any garbage, so that looking for it every 2,000 objects
only costs a cold start time (docs/adr/0009-cold-starts.md).
"""

import gc

_OBJECTS_UNTIL_A_LOOK = 50_000
"""A few megabytes of them."""

gc.set_threshold(_OBJECTS_UNTIL_A_LOOK)
