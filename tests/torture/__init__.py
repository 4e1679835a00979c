"""A model check of the promise: what is paid reaches its owner, and nothing is paid twice."""
