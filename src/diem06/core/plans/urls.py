"""Where the pages about the plan itself are, under /plan/."""

from django.urls import path

from diem06.core.plans.views import amendments, drafts, milestones

urlpatterns = [
    path("amendments/", amendments.amendments_page, name="plan-amendments"),
    path("amendments/new/<str:kind>/", amendments.amend, name="plan-amend"),
    path("milestones/", milestones.milestones_page, name="plan-milestones"),
    path("milestones/new/", milestones.milestone_new, name="plan-milestone-new"),
    path("milestones/<int:milestone>/end/", milestones.milestone_end, name="plan-milestone-end"),
    path("drafts/", drafts.drafts_page, name="plan-drafts"),
    path("drafts/<int:draft>/", drafts.draft_page, name="plan-draft"),
    path("drafts/<int:draft>/items/<str:item>/", drafts.draft_item, name="plan-draft-item"),
    path("drafts/<int:draft>/load/", drafts.draft_load, name="plan-draft-load"),
    path("drafts/<int:draft>/drop/", drafts.draft_drop, name="plan-draft-drop"),
    path("drafts/take/<int:bundle>/", drafts.plan_take, name="plan-take"),
]
