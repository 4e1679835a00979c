"""The protocol without I/O: requests out of values, values or errors out of bytes."""
