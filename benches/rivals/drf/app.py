"""djangorestframework-api-key before a view that answers a small JSON, production settings.

    python app.py FILE-FOR-KEYS HOW-MANY      fills the database
    gunicorn app:application                  serves; PGHOST and PGUSER say where the database is
"""

import os
import sys

import django
from django.conf import settings

settings.configure(
    DEBUG=False,
    ALLOWED_HOSTS=["127.0.0.1"],
    SECRET_KEY="0123456789abcdef0123456789abcdef",
    ROOT_URLCONF=__name__,
    INSTALLED_APPS=["rest_framework", "rest_framework_api_key"],
    MIDDLEWARE=[],
    DATABASES={
        "default": {
            "ENGINE": "django.db.backends.postgresql",
            "HOST": os.environ["PGHOST"],
            "USER": os.environ["PGUSER"],
            "NAME": "drf",
            "CONN_MAX_AGE": None,
        }
    },
    USE_TZ=True,
    REST_FRAMEWORK={
        "DEFAULT_AUTHENTICATION_CLASSES": [],
        "DEFAULT_PERMISSION_CLASSES": ["rest_framework_api_key.permissions.HasAPIKey"],
        "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
        "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
        "UNAUTHENTICATED_USER": None,
    },
)
django.setup()

from django.core.management import call_command  # noqa: E402
from django.core.wsgi import get_wsgi_application  # noqa: E402
from django.urls import path  # noqa: E402
from rest_framework.response import Response  # noqa: E402
from rest_framework.views import APIView  # noqa: E402
from rest_framework_api_key.models import APIKey  # noqa: E402


class Verify(APIView):
    def post(self, request):
        return Response({"valid": True, "path": request.data["path"]})


urlpatterns = [path("v1/keys/verify", Verify.as_view())]
application = get_wsgi_application()

if __name__ == "__main__":
    file, count = sys.argv[1:]
    call_command("migrate", verbosity=0)
    with open(file, "w", encoding="utf-8") as keys:
        for number in range(int(count)):
            _, key = APIKey.objects.create_key(name=f"bench {number}")
            keys.write(f"{key}\n")
