"""The forms of the pages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms

from podium.rules.bundle.spec import FactSheetQuestion
from podium.rules.errors import UserError
from podium.rules.limits import limits_of_line

_ANSWER = "answer_"


class JoinForm(forms.Form):
    """The wish to take part."""

    accept = forms.BooleanField(
        label="I have read the terms and accept them.",
        error_messages={"required": "You can only take part if you accept the terms."},
    )


class ImportForm(forms.Form):
    """A bundle to make a competition of."""

    file = forms.FileField(
        label="Drop a bundle here, or choose one",
        help_text="A zip with competition.yaml in it.",
        widget=forms.FileInput(attrs={"accept": ".zip,application/zip"}),
        error_messages={"required": "Choose a bundle.", "empty": "The file is empty. Choose one that has content."},
    )
    publish = forms.BooleanField(label="Publish it at once, for everybody to see", required=False)


class QueueForm(forms.Form):
    """A queue and who may use it."""

    name = forms.CharField(label="Name", max_length=64)
    organizers = forms.CharField(
        label="Organizers",
        required=False,
        max_length=2000,
        help_text="User names with commas between them. They may use the queue for their competitions.",
    )
    is_public = forms.BooleanField(label="Everybody may use it for their competitions", required=False)


class QueuePowersForm(forms.Form):
    """What only administrators decide about a queue."""

    limit_defaults = forms.CharField(
        label="What a run gets that asks for nothing",
        required=False,
        max_length=1000,
        help_text="Like memory=2 GiB, cpus=1. What is not named is as for the site.",
    )
    limit_maxima = forms.CharField(
        label="The most that a run gets",
        required=False,
        max_length=1000,
        help_text="Like memory=64 GiB, cpus=16, time=86400. What is not named is as for the site.",
    )
    network = forms.BooleanField(
        label="Programs reach the network", required=False, help_text="They can then send what they read anywhere."
    )
    runs_per_person = forms.IntegerField(
        label="Runs of one person at a time",
        required=False,
        min_value=0,
        max_value=32767,
        help_text="Empty or 0: as for the site.",
    )

    def clean_limit_defaults(self) -> Mapping[str, float]:
        """The limits that the line names."""
        return _limits(self.cleaned_data["limit_defaults"], with_time=False)

    def clean_limit_maxima(self) -> Mapping[str, float]:
        """The limits that the line names, and perhaps the time."""
        return _limits(self.cleaned_data["limit_maxima"], with_time=True)


def _limits(line: str, *, with_time: bool) -> Mapping[str, float]:
    try:
        return limits_of_line(line, with_time=with_time)
    except UserError as error:
        raise forms.ValidationError(f"{error.message} {error.hint}") from error


class UpdateForm(forms.Form):
    """A new version of a competition's bundle."""

    file = forms.FileField(
        label="Drop the new version of the bundle here, or choose it",
        help_text="A zip with competition.yaml in it.",
        widget=forms.FileInput(attrs={"accept": ".zip,application/zip"}),
        error_messages={"required": "Choose a bundle.", "empty": "The file is empty. Choose one that has content."},
    )


class SubmitForm(forms.Form):
    """A submission: the phase where several are open, the file, and the answers of the fact sheet."""

    file = forms.FileField(
        label="Drop your submission here, or choose it",
        help_text="A zip file.",
        widget=forms.FileInput(attrs={"accept": ".zip,application/zip"}),
        error_messages={"required": "Choose a file.", "empty": "The file is empty. Choose one that has content."},
    )
    description = forms.CharField(
        label="Note to yourself", max_length=1000, required=False, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )

    def __init__(
        self, *args: Any, phases: Sequence[tuple[int, str]], questions: Sequence[FactSheetQuestion], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        widget = forms.Select() if len(phases) > 1 else forms.HiddenInput()
        phase = forms.TypedChoiceField(label="Phase", choices=phases, coerce=int, widget=widget, initial=phases[0][0])
        answers = {f"{_ANSWER}{question.key}": _field(question) for question in questions}
        self.fields = {
            "phase": phase,
            "file": self.fields["file"],
            **answers,
            "description": self.fields["description"],
        }

    def answers(self) -> Mapping[str, object]:
        """What was answered, by the key of the question."""
        given = self.cleaned_data.items()
        return {name.removeprefix(_ANSWER): answer for name, answer in given if name.startswith(_ANSWER)}


class DeleteAccountForm(forms.Form):
    """The name of one's own account, typed to say that one means it."""

    name = forms.CharField(
        label="Your user name",
        max_length=100,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"required": "Type your user name to delete the account."},
    )

    def __init__(self, data: Any, *, username: str) -> None:
        super().__init__(data)
        self._username = username

    def clean_name(self) -> str:
        """The name, if it is the right one."""
        if self.cleaned_data["name"].strip().lower() != self._username.lower():
            message = f"This is not the name of your account, {self._username}."
            raise forms.ValidationError(message)
        return self._username


class TokenForm(forms.Form):
    """A name for a new API token."""

    label = forms.CharField(
        label="What is it for?",
        max_length=100,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"required": "Say what the token is for, so that you know later which one to revoke."},
    )


def _field(question: FactSheetQuestion) -> forms.Field:
    if question.type == "checkbox":
        return forms.BooleanField(label=question.title, required=question.is_required)
    if question.type == "select":
        choices = [("", "Choose"), *((choice, choice) for choice in question.selection if choice)]
        return forms.ChoiceField(label=question.title, choices=choices, required=question.is_required)
    return forms.CharField(label=question.title, max_length=2000, required=question.is_required)
