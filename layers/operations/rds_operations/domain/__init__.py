"""Pure decisions about snapshots, metrics, alarms, events and alerts: no clock, no environment, no AWS."""
