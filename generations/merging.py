"""What merging two elements means to generations."""

from elements.models import Element
from generations.models import GenerationElement


def repoint(gone: Element, into: Element) -> None:
    """Whatever used `gone` used `into`, in the same version and under the name that its prompt mentions."""
    GenerationElement.objects.filter(element=gone).update(element=into)
