"""What the operations kit decides and does: domain, use cases, adapters and the runtime around them.

Loading a function makes some 300,000 objects and hardly any garbage, so that to look for it every 2,000 objects costs a
cold start a tenth (docs/adr/0009-cold-starts.md).
"""

import gc

_OBJECTS_UNTIL_A_LOOK = 100_000
"""Some 20 MB of garbage at most, of a function's 256."""

gc.set_threshold(_OBJECTS_UNTIL_A_LOOK)
