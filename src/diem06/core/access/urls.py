"""URL patterns and their rules."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from types import ModuleType
from typing import Any

from django.http import HttpResponseBase
from django.urls import URLPattern, URLResolver, get_resolver

from diem06.core.access.rules import Predicate, name_of, rule

Included = tuple[Sequence[URLPattern | URLResolver] | ModuleType | str, str | None, str | None]
"""What `django.urls.include` gives."""


@dataclass(frozen=True)
class RuledUrl:
    """One URL pattern. `rule` None: it states no rule (access.E001)."""

    route: str  # as written in the URLconf, with what includes it: "my-work/<unit>/"
    name: str  # with its namespaces, empty if it has none
    rule: Predicate | None
    view: Callable[..., HttpResponseBase]

    @property
    def rule_name(self) -> str:
        return name_of(self.rule) if self.rule else ""


def urls_with_rules(urlconf: str | None = None) -> Iterator[RuledUrl]:
    """Every URL pattern of `urlconf` (none: ROOT_URLCONF), in the order in which they are tried."""
    yield from _walk(get_resolver(urlconf).url_patterns, route="", namespace="")


def _walk(patterns: Sequence[URLPattern | URLResolver], *, route: str, namespace: str) -> Iterator[RuledUrl]:
    for pattern in patterns:
        full_route = route + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            inner = f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace
            yield from _walk(pattern.url_patterns, route=full_route, namespace=inner)
        else:
            yield RuledUrl(
                route=full_route,
                name=f"{namespace}{pattern.name}" if pattern.name else "",
                rule=getattr(pattern.callback, "access_rule", None),
                view=pattern.callback,
            )


def ruled(target: Any, predicate: Predicate) -> Any:
    """
    Hold what another package offers to a rule: one view, or all of `include(...)`.

    `path("i18n/", access.ruled(include("django.conf.urls.i18n"), access.anyone))`
    """
    if callable(target):
        return rule(predicate)(target)
    urlconf, app_name, namespace = target
    patterns = urlconf if isinstance(urlconf, (list, tuple)) else urlconf.urlpatterns
    return [_ruled(pattern, predicate) for pattern in patterns], app_name, namespace


def _ruled(pattern: URLPattern | URLResolver, predicate: Predicate) -> URLPattern | URLResolver:
    if isinstance(pattern, URLPattern):
        return URLPattern(pattern.pattern, rule(predicate)(pattern.callback), pattern.default_args, pattern.name)
    inner = [_ruled(each, predicate) for each in pattern.url_patterns]
    return URLResolver(pattern.pattern, inner, pattern.default_kwargs, pattern.app_name, pattern.namespace)
