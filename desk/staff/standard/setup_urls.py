"""Addresses of editions for owner and administrators, mounted at /setup/standard/."""

from django.urls import path

from desk.staff.standard import compared, drafts, editions, trials

app_name = "editions"

urlpatterns = [
    path("", editions.index, name="index"),
    path("first/", editions.first, name="first"),
    path("begin", editions.begin, name="begin"),
    path("<int:edition_id>/", editions.document, name="document"),
    path("<int:edition_id>/title", editions.rename, name="rename"),
    path("<int:edition_id>/ask-review", editions.ask_review, name="ask_review"),
    path("<int:edition_id>/review", editions.review, name="review"),
    path("<int:edition_id>/publish", editions.publish, name="publish"),
    path("<int:edition_id>/discard", editions.discard, name="discard"),
    path("<int:edition_id>/compare/", compared.compare, name="compare"),
    path("<int:edition_id>/replay/", trials.replay, name="replay"),
    path("<int:edition_id>/effect/", trials.effect, name="effect"),
    path("<int:edition_id>/questions/", drafts.questions, name="questions"),
    path("<int:edition_id>/clauses/new/", drafts.new_clause, name="new_clause"),
    path("<int:edition_id>/clauses/<str:clause_number>/", drafts.clause, name="clause"),
    path("<int:edition_id>/clauses/<str:clause_number>/remove", drafts.remove, name="remove"),
]
