"""Pages of the pilot, under /pilots/heritage-sites/, with the namespace `heritage_sites`."""

from django.urls import URLPattern, path

from diem06.pilots.heritage_sites.views import register, visits

urlpatterns: list[URLPattern] = [
    path("", register.home, name="home"),
    path("sites.xlsx", register.home_file, name="home-file"),
    path("base-list/", register.base_list, name="base-list"),
    path("base-list/adopt/", register.adopt_list, name="adopt-list"),
    path("base-list/<int:base_list>/download/", register.list_file, name="list-file"),
    path("base-list/<int:base_list>/take-back/", register.take_back_list, name="take-back-list"),
    path("add-site/", register.add_site, name="add-site"),
    path("sites/<slug:site>/", register.site, name="site"),
    path("sites/<slug:site>/change/", register.change, name="change"),
    path("sites/<slug:site>/changes/<int:term>/take-back/", register.take_back_term, name="take-back-change"),
    path("sites/<slug:site>/close/", register.close, name="close"),
    path("sites/<slug:site>/add-part/", register.add_part, name="add-part"),
    path("sites/<slug:site>/parts/<int:part>/change/", register.change_part, name="change-part"),
    path("sites/<slug:site>/parts/<int:part>/close/", register.close_part, name="close-part"),
    path("sites/<slug:site>/capacity/", register.capacity, name="capacity"),
    path("sites/<slug:site>/rule/", register.rule, name="rule"),
    path("sites/<slug:site>/hours/", register.hours, name="hours"),
    path("sites/<slug:site>/festivals/add/", register.add_festival, name="add-festival"),
    path("sites/<slug:site>/festivals/<int:festival>/end/", register.end_festival, name="end-festival"),
    path("sites/<slug:site>/steps/add/", register.add_step, name="add-step"),
    path("sites/<slug:site>/steps/<int:step>/correct/", register.correct_step, name="correct-step"),
    path("sites/<slug:site>/live/", visits.live, name="live"),
    path("sites/<slug:site>/recount/", visits.recount, name="recount"),
    path("sites/<slug:site>/screen/", visits.screen_of, name="screen"),
    path("sites/<slug:site>/history/", visits.history_of, name="history"),
    path("sites/<slug:site>/history.xlsx", visits.history_file, name="history-file"),
    path("sites/<slug:site>/report/", visits.report, name="report"),
    path("sites/<slug:site>/trace/", visits.trace, name="trace"),
    path("traces/", visits.traces, name="traces"),
]
