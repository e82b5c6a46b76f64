"""The forms that send something to a model board, and what each of them says to the API."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from django import forms

from podium.metrics.registry import task_types
from podium.rules.errors import UserError
from podium.rules.modelboards.declared import read_declared
from podium.server.pages.modelboards.figures import in_words

Kind = Literal["dataset", "declared", "predictions"]
KINDS: Mapping[Kind, str] = {
    "declared": "Declare a score",
    "predictions": "Send predictions",
    "dataset": "Add a dataset",
}
_OFF = {"autocomplete": "off"}
_CHOSEN = {"list": "datasets", **_OFF}


class DatasetForm(forms.Form):
    """A dataset, perhaps with what is right on it."""

    name = forms.CharField(label="Name", max_length=200, widget=forms.TextInput(attrs=_OFF))
    task_type = forms.ChoiceField(label="Task type")
    url = forms.CharField(label="Link", required=False, max_length=2000, help_text="Where the dataset is published.")
    description = forms.CharField(
        label="Description", required=False, max_length=20_000, widget=forms.Textarea(attrs={"rows": 4})
    )
    evaluation_metric = forms.CharField(
        label="Metric",
        required=False,
        max_length=100,
        widget=forms.TextInput(attrs={"list": "metrics", **_OFF}),
        help_text="What the board ranks by. With references, one of the task type's metrics.",
    )
    metric_direction = forms.ChoiceField(
        label="Which way it goes",
        required=False,
        choices=[("", "As its name tells"), ("desc", "The highest is the best"), ("asc", "The lowest is the best")],
    )
    references = forms.FileField(
        label="References",
        required=False,
        help_text="What is right, as CSV, JSON Lines or JSON. Nobody else reads it; predictions are scored against it.",
    )
    inputs = forms.FileField(label="Inputs", required=False, help_text="What models are asked, for everybody to read.")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["task_type"] = forms.ChoiceField(
            label="Task type", choices=[(each.slug, in_words(each.slug)) for each in task_types()]
        )
        self.order_fields(["name", "task_type"])

    def body(self) -> dict[str, Any]:
        """The request that adds the dataset."""
        names = ("name", "task_type", "url", "description", "evaluation_metric", "metric_direction")
        return {name: self.cleaned_data[name] for name in names if self.cleaned_data[name]}

    def clean(self) -> dict[str, Any]:
        """Inputs alone would be of no use."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if cleaned.get("inputs") and not cleaned.get("references"):
            self.add_error("inputs", "Inputs go with references. Choose a file of references too.")
        return cleaned


class DeclaredForm(forms.Form):
    """A score that somebody declares."""

    dataset_name = forms.CharField(label="Dataset", max_length=200, widget=forms.TextInput(attrs=_CHOSEN))
    model = forms.CharField(label="Model", max_length=200, widget=forms.TextInput(attrs=_OFF))
    score = forms.CharField(
        label="Score",
        required=False,
        max_length=40,
        widget=forms.TextInput(attrs={"inputmode": "decimal", **_OFF}),
        help_text="Empty: the model is listed without a rank.",
    )
    ci = forms.CharField(
        label="Interval",
        required=False,
        max_length=100,
        widget=forms.TextInput(attrs={"placeholder": "0.90 - 0.94", **_OFF}),
        help_text="Two bounds around the score.",
    )
    updated = forms.CharField(
        label="Day or month",
        required=False,
        max_length=100,
        widget=forms.TextInput(attrs={"placeholder": "2024-09", **_OFF}),
    )
    submitted_by = forms.CharField(label="Made by", required=False, max_length=200)
    source = forms.CharField(
        label="Source", required=False, max_length=2000, help_text="A link to where the score was published."
    )

    def body(self) -> dict[str, Any]:
        """The request that declares the score.

        Raises:
            UserError: a field does not do; it is named.
        """
        said = self.cleaned_data
        body: dict[str, Any] = {"dataset_name": said["dataset_name"], "model": said["model"]}
        body["score"] = _number(said["score"])
        body |= {name: said[name] for name in ("ci", "updated", "submitted_by", "source") if said[name]}
        interval = read_declared(body).interval
        return body if interval is None else body | {"ci": [interval.low, interval.high]}


class PredictionsForm(forms.Form):
    """What a model answered to all items of a dataset."""

    dataset_name = forms.CharField(max_length=200, widget=forms.HiddenInput())
    file = forms.FileField(
        label="Drop the file here, or choose it",
        help_text="CSV, JSON Lines or JSON, with one line for each item.",
        widget=forms.FileInput(attrs={"accept": ".csv,.jsonl,.json"}),
        error_messages={"required": "Choose a file.", "empty": "The file is empty. Choose one that has content."},
    )
    model = forms.CharField(
        label="Model",
        max_length=200,
        required=False,
        widget=forms.TextInput(attrs=_OFF),
        help_text="What the row on the board will be called. Not needed to check the file.",
    )
    submitted_by = forms.CharField(label="Made by", required=False, max_length=200)
    source = forms.CharField(label="Source", required=False, max_length=2000, help_text="A link to the model.")

    def body(self) -> dict[str, str]:
        """The fields of the request that sends the file."""
        names = ("dataset_name", "model", "submitted_by", "source")
        return {name: self.cleaned_data[name] for name in names if self.cleaned_data[name]}


class CheckedForm(forms.Form):
    """What is said of predictions whose file was checked already."""

    model = forms.CharField(
        label="Model",
        max_length=200,
        widget=forms.TextInput(attrs=_OFF),
        help_text="What the row on the board will be called.",
    )
    submitted_by = forms.CharField(label="Made by", required=False, max_length=200)
    source = forms.CharField(label="Source", required=False, max_length=2000, help_text="A link to the model.")


def checked(form: forms.Form) -> None:
    """Look whether a form can be sent.

    Raises:
        UserError: it cannot; every field is named.
    """
    if form.is_valid():
        return
    said = [f"{form.fields[name].label}: {' '.join(map(str, errors))}" for name, errors in form.errors.items()]
    raise UserError("form-incomplete", "Something is missing.", " ".join(said))


def _number(text: str) -> float | str | None:
    """The number; what is none stays as it is, to be refused as the API does it."""
    if not text:
        return None
    try:
        return float(text.replace("\N{MINUS SIGN}", "-"))
    except ValueError:
        return text
