"""The vendors' protocols without I/O: values in, requests out; bytes in, values or errors out."""
