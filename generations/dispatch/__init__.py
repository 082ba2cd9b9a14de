"""The dispatcher's conversations with providers: asynchronous; rows are changed by plain functions."""
