"""When to look at which job: the pure part of the poller, on a clock of numbers."""
