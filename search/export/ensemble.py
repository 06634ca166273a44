"""The ensemble of a study's best networks, one a family."""

from __future__ import annotations

from search.export.exportable import ExportableEnsemble
from search.export.found import of_retrained
from search.export.gain import gain_of
from search.retraining.rows import TrainingRows
from search.retraining.together import member_trials, trained_together
from search.study import Study
from spaces.shapes import Kind


def of_ensemble(study: Study, count: int) -> ExportableEnsemble:
    """The champion and the best network of other families, as they were trained again on the same rows.

    Args:
        study: whose networks they are.
        count: of members, each of another family.

    Raises:
        InvalidInput: there are fewer families, or some were not trained again so.
    """
    trials = member_trials(study, count)
    retrained = trained_together(study, list(trials.values()), f"--ensemble {count}")
    members = {family: of_retrained(study, each) for family, each in zip(trials, retrained, strict=True)}
    data, rows = study.dataset, TrainingRows.of(study.dataset, retrained[0].division)
    networks = {family: member.network for family, member in members.items()}
    averaged = "numbers" if data.task.kind is Kind.REGRESSION else "probabilities"
    return ExportableEnsemble(
        name=study.name,
        origin=f"an ensemble of study {study.name!r}, whose members' {averaged} are averaged: {', '.join(members)}",
        trained=True,
        dataset=data,
        preprocessing=rows.preprocessing(),
        results=gain_of(networks, rows.divided().search, data.task, data.metric).to_json(),
        members=members,
    )
