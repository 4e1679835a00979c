"""An async view of Django, in one file: the order keeps its token, and is paid for once."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import uvicorn
from _session import out, portrait, session
from django.conf import settings
from django.db import OperationalError, connection, models
from django.http import HttpRequest, JsonResponse
from django.urls import path
from django_asgi_lifespan.asgi import get_asgi_application
from django_asgi_lifespan.register import register_lifespan_manager

from heygen_async import HeyGen, HeyGenError, JobTimeoutError

DB = {"ENGINE": "django.db.backends.sqlite3", "NAME": out("django.sqlite")}
settings.configure(ROOT_URLCONF=__name__, DATABASES={"default": DB}, ALLOWED_HOSTS=["127.0.0.1"])
application = get_asgi_application()


class Order(models.Model):  # noqa: D101, DJ008 - in place of yours
    id = models.SlugField(primary_key=True)
    script = models.TextField()
    token = models.TextField(default="")
    Meta = type("Meta", (), {"app_label": "orders"})


@asynccontextmanager
async def lifespan() -> AsyncIterator[dict[str, HeyGen]]:
    """Open the client in the loop of the server; it is in the state of every request."""
    async with session(HeyGen) as heygen:
        yield {"heygen": heygen}


async def video(request: HttpRequest, name: str) -> JsonResponse:
    """Return the video that the body is the script of; after half a minute say: ask again."""
    heygen, new = request.scope["state"]["heygen"], {"script": request.body.decode()}
    order, _ = await Order.objects.aget_or_create(id=name, defaults=new)
    try:
        if not order.token:  # new, or cut off before it was kept: one key makes one job
            spec = await portrait(heygen, order.script)
            order.token = (await heygen.submit(spec, idempotency_key=name)).token
            await order.asave(update_fields=["token"])
        made = await heygen.attach(order.token).wait(timeout=30)
    except JobTimeoutError:
        return JsonResponse({"url": None}, status=202)
    except HeyGenError as error:
        return JsonResponse({"error": str(error)}, status=502)
    return JsonResponse({"url": made.video_url})


urlpatterns = [path("videos/<slug:name>", video)]
register_lifespan_manager(context_manager=lifespan)
if __name__ == "__main__":
    with connection.schema_editor() as editor, suppress(OperationalError):  # it is there
        editor.create_model(Order)  # in place of migrations
    uvicorn.run(application, port=int(os.environ.get("PORT", "8000")))
