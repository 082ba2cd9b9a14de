"""Addresses of downloads and exports."""

from django.urls import path

from delivery.views import downloads, exports

app_name = "delivery"
urlpatterns = [
    path("outputs/<uuid:uuid>/download", downloads.download, name="download"),
    path("projects/<slug:slug>/zip", downloads.download_zip, name="zip"),
    path("projects/<slug:slug>/export", exports.create, name="export"),
    path("projects/<slug:slug>/export/dialog", exports.dialog, name="export_dialog"),
    path("projects/<slug:slug>/exports", exports.index, name="exports"),
    path("exports/<uuid:uuid>/progress", exports.progress, name="export_progress"),
    path("exports/<uuid:uuid>/file", exports.download_file, name="export_file"),
    path("exports/<uuid:uuid>/cancel", exports.cancel, name="export_cancel"),
    path("exports/<uuid:uuid>/retry", exports.retry, name="export_retry"),
    path("exports/<uuid:uuid>/delete", exports.delete, name="export_delete"),
]
