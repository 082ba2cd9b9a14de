"""The catalogue: what every model can do on every route, as rows, and the questions people ask of them."""

from providers.catalogue.lookup import (
    NotOffered,
    UnknownEndpoint,
    endpoint,
    endpoints,
    estimate,
    find,
    models,
    nearest_ratio,
    routes,
    size,
    why_not,
)
from providers.catalogue.rows import Endpoint, Model, Route, Slot

__all__ = [
    "Endpoint",
    "Model",
    "NotOffered",
    "Route",
    "Slot",
    "UnknownEndpoint",
    "endpoint",
    "endpoints",
    "estimate",
    "find",
    "models",
    "nearest_ratio",
    "routes",
    "size",
    "why_not",
]
