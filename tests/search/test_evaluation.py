import io
import json
import statistics
from dataclasses import replace

import numpy as np
import pytest
from rich.console import Console
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.metrics import log_loss, mean_squared_error, r2_score, roc_auc_score

from search.evaluation import Evaluation, evaluate, print_evaluation, read_architecture
from search.evaluation.baseline import baseline_score
from search.evaluation.linear import flat
from spaces import InvalidInput, landmark
from spaces.contract import architecture_with
from spaces.cost import cost
from spaces.operations.dense import Dense
from tests.contracts.cases import registered
from workers.checkpoint import Checkpoints
from workers.datasets.dataset import Dataset, from_arrays
from workers.outcome import Status
from workers.recipe import Recipe
from workers.rows import Labelled, Rows
from workers.work_unit import WorkUnit
from workers.worker import Worker

NETWORK = landmark("deep_fnn")
SILENT = Console(quiet=True)


@pytest.fixture(scope="module")
def noisy(blobs: Dataset) -> Dataset:
    """Blobs that are hard to tell apart: scores differ between seeds, and the baseline's from a network's."""
    rng = np.random.default_rng(1)
    x = rng.normal(size=(200, 1, 4, 4)).astype(np.float32)
    return from_arrays("noisy", x, (x.sum((1, 2, 3)) + rng.normal(size=200) > 0).astype(int))


@pytest.fixture(scope="module")
def evaluation(noisy: Dataset) -> Evaluation:
    return evaluate(NETWORK, noisy, seeds=3, steps=30, progress=SILENT)


def tokens() -> Dataset:
    """Rows of three to six tokens out of five, padded to six."""
    rng = np.random.default_rng(2)
    x, lengths = rng.integers(0, 5, size=(60, 6)), rng.integers(3, 7, size=60)
    return from_arrays("tokens", x, x[:, 0] > 1, lengths=lengths)


def series() -> Dataset:
    """Rows of three to six steps, padded to six."""
    rng = np.random.default_rng(3)
    x, lengths = rng.normal(size=(60, 6, 2)).astype(np.float32), rng.integers(3, 7, size=60)
    return from_arrays("series", x, x[:, 0, 0] > 0, lengths=lengths)


def printed(evaluation: Evaluation) -> str:
    console = Console(file=io.StringIO(), width=80)
    print_evaluation(console, evaluation)
    return console.file.getvalue()


def without_time(evaluation: Evaluation) -> Evaluation:
    return replace(evaluation, seconds=())


def test_each_seed_is_a_training_on_the_division_of_its_number(noisy, evaluation, tmp_path):
    """Scores are those a study's worker gives the confirm rows, after as many steps, annealed to the last of them."""
    worker = Worker(noisy, Checkpoints(tmp_path), node="here")
    units = [WorkUnit(0, NETWORK, Recipe(), number, number, 0, 30, 30) for number in range(3)]
    assert evaluation.scores == tuple(worker.run(unit).confirm_score for unit in units)
    assert len(set(evaluation.scores)) > 1


def test_the_first_seed_is_the_callers(noisy, evaluation):
    """Seeds 1 and 2 are the same trainings whether or not seed 0 came before."""
    later = evaluate(NETWORK, noisy, seeds=2, steps=30, seed=1, progress=SILENT)
    assert later.scores == evaluation.scores[1:]
    assert later.baseline_scores == evaluation.baseline_scores[1:]


def test_the_recipe_is_the_callers(noisy, evaluation):
    """Hardly trained at all, the network scores otherwise."""
    slow = evaluate(NETWORK, noisy, seeds=3, steps=30, recipe=Recipe(learning_rate=1e-8), progress=SILENT)
    assert slow.scores != evaluation.scores


def test_the_sealed_test_stays_sealed(noisy, evaluation):
    """Other test rows and labels change nothing."""
    other = replace(noisy, x_test=np.zeros_like(noisy.x_test), y_test=1 - noisy.y_test)
    again = evaluate(NETWORK, other, seeds=3, steps=30, progress=SILENT)
    assert without_time(again) == without_time(evaluation)


def test_summary_figures(noisy, evaluation):
    """Mean, deviation between seeds, the baseline's mean and the difference; cost as the cost model has it."""
    assert evaluation.mean == pytest.approx(np.mean(evaluation.scores))
    assert evaluation.sd == pytest.approx(np.std(evaluation.scores, ddof=1))
    assert evaluation.baseline_mean == pytest.approx(np.mean(evaluation.baseline_scores))
    assert evaluation.difference == pytest.approx(evaluation.mean - evaluation.baseline_mean)
    takes = cost(NETWORK, noisy.task)
    assert (evaluation.parameters, evaluation.flops) == (takes.parameters, takes.flops)
    assert evaluation.activation_bytes == takes.activation_bytes
    assert len(evaluation.seconds) == 3
    assert min(evaluation.seconds) > 0


def test_one_seed_has_no_deviation(blobs):
    """A single score says nothing of the spread, and the print leaves it out."""
    single = evaluate(NETWORK, blobs, seeds=1, steps=3, progress=SILENT)
    assert single.sd is None
    assert "±" not in printed(single)


def loops(part: Labelled, vocabulary: int | None) -> np.ndarray:
    """Rows flattened one number at a time: one-hot tokens or numbers, zero from a row's length on."""
    rows = []
    for row in range(len(part)):
        flat = []
        for step in range(part.x.shape[1]):
            holds = part.lengths is None or step < part.lengths[row]
            if vocabulary:
                flat += [float(holds and part.x[row, step] == token) for token in range(vocabulary)]
            else:
                flat += [float(value) if holds else 0.0 for value in part.x[row, step].flatten()]
        rows.append(flat)
    return np.array(rows)


@pytest.mark.parametrize("make", [tokens, series], ids=lambda make: make.__name__)
def test_a_linear_model_reads_flat_rows(make):
    """Tokens one-hot, zero in the padding, whatever stands there."""
    dataset = make()
    part, vocabulary = Rows.of(dataset, 0).train, dataset.task.vocabulary
    x = part.x.clone()
    if vocabulary:
        x[np.arange(6) >= part.lengths.numpy()[:, None]] = 4
        assert not x.equal(part.x)
    read = flat(replace(part, x=x).inputs(slice(None)), dataset.task)
    assert np.array_equal(read.toarray() if vocabulary else read, loops(part, vocabulary).astype(np.float32))


@pytest.mark.parametrize("make", [tokens, series], ids=lambda make: make.__name__)
def test_the_baseline_of_classes_is_scored_on_confirm_rows(make):
    """A logistic regression, fitted to the train rows."""
    dataset = make()
    rows, vocabulary = Rows.of(dataset, 0), dataset.task.vocabulary
    classifier = LogisticRegression(max_iter=1000).fit(loops(rows.train, vocabulary), rows.train.y)
    assert baseline_score(rows) == classifier.score(loops(rows.confirm, vocabulary), rows.confirm.y)


@pytest.mark.parametrize("classes", [2, 3])
def test_the_baseline_has_the_metric_of_the_data(classes):
    """Log-loss and AUROC of the classes' probabilities, whatever their number."""
    rng = np.random.default_rng(4)
    x = rng.normal(size=(150, 3)).astype(np.float32)
    dataset = from_arrays("table", x, (x[:, 0] + rng.normal(size=150)).argsort().argsort() * classes // 150)
    rows = Rows.of(dataset, 0)
    fitted = LogisticRegression(max_iter=1000).fit(loops(rows.train, None), rows.train.y)
    probabilities, y = fitted.predict_proba(loops(rows.confirm, None)), rows.confirm.y.numpy()
    area = roc_auc_score(y, probabilities[:, 1] if classes == 2 else probabilities, multi_class="ovr")
    for name, value in (("log_loss", log_loss(y, probabilities)), ("auroc", area)):
        metric = dataset.scored_by(name).metric
        assert baseline_score(Rows.of(dataset.scored_by(name), 0)) == pytest.approx(metric.score(value), abs=1e-4)


def numbers() -> Dataset:
    """A table whose numbers are nearly linear in its columns, far from 0 and spread over tens."""
    rng = np.random.default_rng(5)
    x = rng.normal(size=(120, 3)).astype(np.float32)
    return from_arrays("numbers", x, 100 + 20 * x[:, 0] + 2 * rng.normal(size=120))


@pytest.mark.parametrize("metric", ["r2", "rmse"])
def test_the_baseline_of_numbers_is_a_ridge_regression(metric):
    """In the unit of the numbers."""
    dataset = numbers().scored_by(metric)
    rows = Rows.of(dataset, 0)
    predicted = Ridge().fit(loops(rows.train, None), rows.train.y).predict(loops(rows.confirm, None))
    found = dataset.metric.value(baseline_score(rows))
    y = rows.confirm.y
    expected = r2_score(y, predicted) if metric == "r2" else mean_squared_error(y, predicted) ** 0.5
    assert found == pytest.approx(expected, rel=1e-4)


def strings() -> Dataset:
    """Rows of three to nine tokens, each of which is mostly followed by the next larger of four."""
    rng = np.random.default_rng(6)
    steps = np.where(rng.random((80, 9)) < 0.8, 1, rng.integers(0, 4, size=(80, 9)))
    return from_arrays("strings", steps.cumsum(axis=1) % 4, None, lengths=rng.integers(3, 10, size=80))


@pytest.mark.parametrize("metric", ["perplexity", "accuracy"])
def test_the_baseline_of_tokens_counts_bigrams(metric):
    """P(b after a) is one more than the times it was seen, over all after a; behind a row's end nothing counts."""
    dataset = strings().scored_by(metric)
    rows = Rows.of(dataset, 0)
    counts = np.ones((4, 4))
    for x, y, length in zip(rows.train.x, rows.train.y, rows.train.lengths, strict=True):
        for step in range(length):
            counts[x[step], y[step]] += 1
    surprises, hits = [], []
    for x, y, length in zip(rows.confirm.x, rows.confirm.y, rows.confirm.lengths, strict=True):
        for step in range(length):
            after = counts[x[step]] / counts[x[step]].sum()
            surprises.append(-np.log(after[y[step]]))
            hits.append(after.argmax() == y[step])
    expected = np.exp(np.mean(surprises)) if metric == "perplexity" else np.mean(hits)
    assert dataset.metric.value(baseline_score(rows)) == pytest.approx(expected)


def test_an_error_is_evaluated_in_its_own_unit():
    """Values of the metric beside the baseline's, less of which is the better, and told so."""
    dataset = numbers().scored_by("rmse")
    evaluation = evaluate(NETWORK, dataset, seeds=2, steps=3, progress=SILENT)
    assert (evaluation.metric, evaluation.higher_is_better) == ("rmse", False)
    assert evaluation.baseline == "ridge regression"
    assert 1 < evaluation.baseline_mean < 4 < evaluation.mean < 30
    made = replace(evaluation, mean=2.5, sd=0.25, baseline_mean=5.0, scores=(2.5, 2.5), baseline_scores=(5.0, 5.0))
    text = printed(made)
    assert "RMSE" in text
    assert "lower is better" in text
    network, baseline = (line for line in text.splitlines() if "━" in line)
    assert "2.500 ± .250" in network
    assert "ridge regression" in baseline
    assert 2 * network.count("━") == baseline.count("━")
    assert "-2.50" in text
    assert max(map(len, text.splitlines())) <= 80


def test_a_network_of_tokens_is_evaluated():
    """Beside the counts of bigrams."""
    dataset = strings()
    network = landmark("lstm", dataset.task)
    evaluation = evaluate(network, dataset, seeds=1, steps=2, progress=SILENT)
    assert not evaluation.failures
    assert (evaluation.metric, evaluation.baseline) == ("perplexity", "bigram counts")
    assert 1 < evaluation.baseline_mean < evaluation.mean <= 4


def test_padded_rows_are_evaluated():
    """Tokens and series with lengths, from the file to the score."""
    for dataset in (tokens(), series()):
        network = landmark("bilstm_attention", dataset.task)
        assert not evaluate(network, dataset, seeds=1, steps=2, progress=SILENT).failures


class Broken(Dense):
    """An operation that cannot be built."""

    def build(self, grid, picks):
        raise RuntimeError("no such\nluck")


def test_a_failure_is_an_outcome(blobs):
    """A crash leaves no score, cost or mean, and is told with its reason; the baseline is scored still."""
    with registered(broken=Broken):
        evaluation = evaluate(architecture_with("broken", {}, 4), blobs, seeds=2, steps=3, progress=SILENT)
        text = printed(evaluation)
    assert evaluation.scores == (None, None)
    assert (evaluation.mean, evaluation.sd, evaluation.difference, evaluation.parameters) == (None,) * 4
    assert [(failure.seed, failure.status) for failure in evaluation.failures] == [
        (0, Status.CRASHED),
        (1, Status.CRASHED),
    ]
    assert "RuntimeError: no such" in evaluation.failures[0].reason
    assert len(evaluation.baseline_scores) == 2
    assert "seed 1 crashed: luck" in text
    assert "no score" in text


def test_the_difference_is_paired(evaluation):
    """Over the seeds that have a score: where one failed, its division counts for neither."""
    failed = replace(evaluation, scores=(None, *evaluation.scores[1:]))
    pairs = list(zip(evaluation.scores, evaluation.baseline_scores, strict=True))[1:]
    assert failed.difference == pytest.approx(statistics.fmean(score - linear for score, linear in pairs))
    assert evaluation.baseline_scores[0] != pytest.approx(statistics.fmean(evaluation.baseline_scores[1:]))


def test_a_divergence_is_an_outcome(noisy):
    """A learning rate beyond reason leaves a status and a reason."""
    evaluation = evaluate(NETWORK, noisy, seeds=1, steps=20, recipe=Recipe(learning_rate=1e38), progress=SILENT)
    assert [failure.status for failure in evaluation.failures] == [Status.DIVERGED]


def test_the_document_is_json(noisy, evaluation):
    """All fields, from the architecture's choices to the scores."""
    document = json.loads(json.dumps(evaluation.to_json()))
    assert document.keys() == Evaluation.__dataclass_fields__.keys()
    assert document["architecture"] == NETWORK.to_json()
    assert document["fingerprint"] == NETWORK.fingerprint
    assert document["families"] == ["feedforward"]
    assert (document["dataset"], document["metric"], document["steps"]) == ("noisy", "accuracy", 30)
    assert document["scores"] == list(evaluation.scores)


def test_it_is_printed_in_80_columns(evaluation):
    """The architecture, its cost, both scores and the difference."""
    made = replace(evaluation, mean=0.9741, sd=0.0062, baseline_mean=0.9, scores=(0.9, 0.9), baseline_scores=(0.8, 0.7))
    text = printed(made)
    assert str(NETWORK) in text
    assert f"{evaluation.parameters:,} parameters" in text
    for figure in (".974 ± .006", ".900", "+.15", "2 trainings of 30 steps"):
        assert figure in text
    assert max(map(len, text.splitlines())) <= 80


def test_progress_is_a_line_a_seed(noisy, evaluation):
    """Where there is no terminal; each says the score."""
    console = Console(file=io.StringIO())
    evaluate(NETWORK, noisy, seeds=2, steps=30, progress=console)
    lines = console.file.getvalue().splitlines()
    assert [line.split(",")[0] for line in lines] == [
        f"seed {number}: {score:.3f} accuracy".replace("0.", ".") for number, score in enumerate(evaluation.scores[:2])
    ]


def test_progress_on_a_terminal_changes_in_place(blobs):
    """The last score is told beside what runs, and no line is left behind."""
    console = Console(file=io.StringIO(), force_terminal=True, force_interactive=True, _environ={"TERM": "xterm"})
    evaluate(NETWORK, blobs, seeds=2, steps=2, progress=console)
    output = console.file.getvalue()
    assert "logistic regression" in output
    assert "seed 1: 1.000" in output
    assert output.endswith("\x1b[1A\x1b[2K")


@pytest.mark.parametrize("arguments", [{"seeds": 0}, {"steps": 0}, {"seed": -1}])
def test_wrong_numbers(blobs, arguments):
    """The message says which, and what was found."""
    (name, value) = next(iter(arguments.items()))
    with pytest.raises(InvalidInput, match=f"{name}: found {value}"):
        evaluate(NETWORK, blobs, **{"seeds": 1, "steps": 1, **arguments}, progress=SILENT)


def test_an_architecture_is_read_by_name_or_from_a_file(blobs, tmp_path):
    """A landmark fitted to the task, or choices by themselves or under `architecture`."""
    assert read_architecture("vit", blobs.task) == landmark("vit", blobs.task)
    assert read_architecture("vit", None) == landmark("vit")
    for document in (NETWORK.to_json(), {"architecture": NETWORK.to_json(), "mean": 0.9}):
        path = tmp_path / "mine.json"
        path.write_text(json.dumps(document))
        assert read_architecture(str(path), blobs.task) == NETWORK


@pytest.mark.parametrize(
    ("source", "content", "told"),
    [
        ("vitt", None, "unknown architecture 'vitt'.*did you mean 'vit'"),
        ("zzzzzz", None, "unknown architecture 'zzzzzz': expected one of deep_fnn.*json file"),
        ("nosuch.json", None, "nosuch.json: no such file"),
        ("list.json", "[1]", "list.json: found list"),
        ("broken.json", "{", "broken.json: not YAML"),
        ("inner.json", '{"architecture": "vit"}', "inner.json: architecture: found str"),
        ("twice.yaml", "stages: 1\nstages: 2", "twice.yaml: found 'stages' on lines 1 and 2, expected each key once"),
        ("empty.json", "{}", "empty.json: architecture: 'stages' is missing"),
        ("typo.yaml", "gaet: cbam", r"typo.yaml: unknown key 'gaet'.*\(did you mean 'gate'\?\)"),
        ("place.yaml", "stage2.gate: cbam", "place.yaml: unknown key 'stage2.gate'"),
        ("stage.yaml", "stage2.opertion: gru", "stage.yaml: .*'stage2.opertion'.*did you mean 'stage2.operation'"),
        ("number.yaml", "1: gru", "number.yaml: unknown key 1"),
        ("far.yaml", "zzzzzz: 1", "far.yaml: unknown key 'zzzzzz'.*penchant show resnet --json"),
    ],
)
def test_what_is_no_architecture_is_said_in_one_line(tmp_path, monkeypatch, source, content, told):
    """The line names the source, what was found and what was expected."""
    monkeypatch.chdir(tmp_path)
    if content is not None:
        (tmp_path / source).write_text(content)
    with pytest.raises(InvalidInput, match=told) as raised:
        read_architecture(source, None)
    assert "\n" not in str(raised.value)
