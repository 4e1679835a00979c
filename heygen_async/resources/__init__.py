"""The namespaces of a client: thin, one method for each operation."""
