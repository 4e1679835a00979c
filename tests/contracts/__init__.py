"""The vendors' contracts as JSON Schema, and what is sent and answered held against them."""
