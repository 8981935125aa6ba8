"""The two pages. The username is the email address."""

from django import forms
from django.contrib.auth.decorators import login_required
from django.contrib.auth.views import LoginView, LogoutView
from django.shortcuts import redirect, render
from django.urls import path

from benchmarks.targets.django_site.models import Feedback


class FeedbackForm(forms.ModelForm):
    text = forms.CharField(max_length=280, widget=forms.Textarea)

    class Meta:
        model = Feedback
        fields = ("text",)


@login_required
def feedback(request):
    form = FeedbackForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        form.instance.user = request.user
        form.save()
        return redirect("feedback")
    return render(request, "feedback.html", {"form": form, "name": request.user.username})


urlpatterns = [
    path("login", LoginView.as_view(), name="login"),
    path("logout", LogoutView.as_view(), name="logout"),
    path("feedback", feedback, name="feedback"),
]
