"""The draft engine: previsualisation that obeys the prompt, drawn on this machine at no cost."""

from providers.draft.engine import draw

__all__ = ["draw"]
