"""JoggAI as the client knows it: its address, its limits and its kinds of jobs."""

from heygen_async.protocol.jogg import films, products, tables
from heygen_async.protocol.jogg.answers import read_jogg
from heygen_async.protocol.vendors import Vendor

JOGG = Vendor(
    api="JoggAI",
    base_url="https://api.jogg.ai",
    key_variable="JOGG_API_KEY",
    url_variable="JOGG_BASE_URL",
    honours_key=lambda _method, _path: False,
    read=read_jogg,
    uploads=tables.UPLOADS,
    kinds=(*tables.KINDS, *films.KINDS, *products.KINDS),
    posts_per_window=(20, 60.0),
)
