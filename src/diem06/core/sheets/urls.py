"""Pages of the sheets that apps declare: bring a file, see what it would do, load it, take it back."""

from django.urls import path

from diem06.core.sheets import views

urlpatterns = [
    path("<str:sheet>/<str:scope>/", views.upload, name="sheet"),
    path("<str:sheet>/<str:scope>/template.xlsx", views.template, name="sheet-template"),
    path("<str:sheet>/<str:scope>/export.xlsx", views.export, name="sheet-export"),
    path("<str:sheet>/<str:scope>/<int:batch>/", views.batch_page, name="sheet-batch"),
    path("<str:sheet>/<str:scope>/<int:batch>/answer/", views.answer, name="sheet-answer"),
    path("<str:sheet>/<str:scope>/<int:batch>/load/", views.load, name="sheet-load"),
    path("<str:sheet>/<str:scope>/<int:batch>/undo/", views.undo, name="sheet-undo"),
    path("<str:sheet>/<str:scope>/<int:batch>/drop/", views.drop, name="sheet-drop"),
    path("<str:sheet>/<str:scope>/<int:batch>/commented.xlsx", views.commented_file, name="sheet-commented"),
]
