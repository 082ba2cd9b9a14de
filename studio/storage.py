"""Static files under names that carry their hash, with the imports between ES modules rewritten."""

from whitenoise.storage import CompressedManifestStaticFilesStorage


class StaticStorage(CompressedManifestStaticFilesStorage):  # type: ignore[misc]  # WhiteNoise ships no types
    support_js_module_import_aggregation = True
