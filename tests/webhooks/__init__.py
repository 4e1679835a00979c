"""Deliveries in: by hand, through aiohttp, through ASGI; and the endpoints they go to."""
