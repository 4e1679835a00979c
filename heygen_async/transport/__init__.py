"""The way to the network: requests with retries, files up, files down."""
