"""The product's URLs with `/ui/`, which stands there under DEBUG alone."""

from django.urls import path

from diem06.config.urls import urlpatterns as of_the_product
from diem06.core import access
from diem06.core.ui.views import gallery

urlpatterns = [*of_the_product, path("ui/", access.rule(access.anyone)(gallery), name="ui-gallery")]
