"""Where each page of the monthly cycle is."""

from django.urls import path

from diem06.reports.unit_plans import views as unit_plans
from diem06.reports.views import dashboard, entry, figure, indicator, living_plan, my_work, sheets, word

urlpatterns = [
    path("", my_work.home, name="home"),
    # what a unit owes
    path("my-work/", my_work.my_work, name="my-work"),
    path("my-work/<str:period>/<str:unit>/", entry.entry, name="entry"),
    path("my-work/<str:period>/<str:unit>/values/", entry.values, name="entry-values"),
    path("my-work/<str:period>/<str:unit>/narratives/", entry.narratives, name="entry-narratives"),
    path("my-work/<str:period>/<str:unit>/approval/", entry.approval, name="entry-approval"),
    path("my-work/<str:period>/<str:unit>/unit-plan/", entry.unit_plan, name="entry-unit-plan"),
    path("my-work/<str:period>/<str:unit>/template.xlsx", sheets.template, name="entry-template"),
    path("my-work/<str:period>/<str:unit>/upload/", sheets.upload, name="entry-upload"),
    # the units' own plans
    path("unit-plans/", unit_plans.unit_plans, name="unit-plans"),
    path("unit-plans/unit-plans.xlsx", unit_plans.workbook, name="unit-plans-workbook"),
    path("unit-plans/<str:unit>/", unit_plans.unit_plan, name="unit-plan"),
    path("unit-plans/<str:unit>/document/", unit_plans.document, name="unit-plan-document"),
    path("unit-plans/<str:unit>/document/download/", unit_plans.file, name="unit-plan-file"),
    path("unit-plans/<str:unit>/tasks/", unit_plans.add, name="unit-task-add"),
    path("unit-plans/<str:unit>/tasks/<int:task>/", unit_plans.task, name="unit-task"),
    # how the province stands
    path("dashboard/", dashboard.dashboard, name="dashboard"),
    path("dashboard/indicators.xlsx", dashboard.workbook, name="dashboard-workbook"),
    path("plan/", living_plan.living_plan, name="living-plan"),
    path("indicators/", indicator.indicators, name="indicators"),
    path("indicators/<str:code>/", indicator.indicator, name="indicator"),
    path("indicators/<str:code>/workbook.xlsx", indicator.workbook, name="indicator-workbook"),
    path("figures/<str:key>/", figure.figure, name="figure"),
    # the report
    path("reports/", word.reports, name="reports"),
    path("reports/<str:period>/reopen/<str:unit>/", word.reopen, name="report-reopen"),
    path("reports/<str:period>/<str:kind>/", word.preview, name="report-preview"),
    path("reports/<str:period>/<str:kind>/report.docx", word.document, name="report-document"),
    path("reports/<str:period>/<str:kind>/communes.xlsx", word.communes, name="report-communes"),
    path("reports/verify/", word.verify, name="report-verify"),
]
