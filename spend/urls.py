"""Addresses of money."""

from django.urls import path

from spend.views import limits, orphans, overview

app_name = "spend"
urlpatterns = [
    path("", overview.index, name="index"),
    path("rows.csv", overview.rows_csv, name="rows_csv"),
    path("entries.csv", overview.entries_csv, name="entries_csv"),
    path("budgets", limits.index, name="budgets"),
    path("budgets/<uuid:uuid>/lift", limits.lift, name="lift"),
    path("orphans/<int:line>", orphans.bring_in, name="orphan"),
]
