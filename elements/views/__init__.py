"""Pages of the library, and references of a project."""
