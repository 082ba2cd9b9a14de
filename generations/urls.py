"""Addresses of generations and their outputs."""

from django.urls import include, path

from generations.views import compose, live, pictures, queue, series, steer

app_name = "generations"
urlpatterns = [
    path("projects/<slug:slug>/composer", compose.show, name="composer"),
    path("projects/<slug:slug>/preview", compose.preview, name="preview"),
    path("projects/<slug:slug>/generate", compose.create, name="create"),
    path("projects/<slug:slug>/mentions", compose.mentions, name="mentions"),
    path("projects/<slug:slug>/split", compose.split, name="split"),
    path("projects/<slug:slug>/sending", compose.sending_of, name="sending"),
    path("projects/<slug:slug>/pasted", compose.pasted_request, name="pasted"),
    path("projects/<slug:slug>/strip", compose.running, name="strip"),
    path("projects/<slug:slug>/live", live.of_project, name="live"),
    path("projects/<slug:slug>/queue", queue.of_project, name="queue"),
    path("queue/", queue.of_all, name="queue_all"),
    path("queue/running", queue.running, name="running"),
    path("queue/live", live.of_all, name="live_all"),
    path("generations/<uuid:uuid>/", queue.detail, name="detail"),
    path("generations/<uuid:uuid>/code", queue.as_code, name="code"),
    path("generations/<uuid:uuid>/cancel", steer.cancel, name="cancel"),
    path("generations/<uuid:uuid>/retry", steer.retry, name="retry"),
    path("generations/<uuid:uuid>/edit", steer.edit, name="edit"),
    path("generations/<uuid:uuid>/decision", steer.decision, name="decision"),
    path("projects/<slug:slug>/series", series.index, name="series_index"),
    path("series/<uuid:uuid>/", series.show, name="series"),
    path("series/<uuid:uuid>/panels/<int:number>/lock", series.lock, name="lock"),
    path("series/<uuid:uuid>/panels/<int:number>/choose", series.choose, name="choose"),
    path("series/<uuid:uuid>/panels/<int:number>/retake", series.retake, name="retake"),
    path("", include("generations.hook_urls")),
    path("outputs/<uuid:uuid>/file/<slug:size>", pictures.picture, name="picture"),
]
