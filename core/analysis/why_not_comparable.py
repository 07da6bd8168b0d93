"""What sets runs apart that are shown on one axis, though they were not measured together."""

from collections.abc import Iterator, Sequence

from core.analysis.metrics import same_work
from core.analysis.summary import jobs_text, run_name
from core.spec.run_spec import ExecutorKind
from core.text.language import _
from core.text.legible import legible, shortened
from core.timeline.timeline import Timeline


def differences(timelines: Sequence[Timeline]) -> list[str]:
    """Return a sentence for each thing that makes runs incomparable, or a number uncertain."""
    sentences = [*_of_work(timelines), *_of_python(timelines), *_of_pools(timelines)]
    return [legible(sentence) for sentence in sentences]


def _of_work(timelines: Sequence[Timeline]) -> Iterator[str]:
    if any(not same_work(each.spec, timelines[0].spec) for each in timelines):
        parts = (f"{run_name(each.spec)}: {jobs_text(each.spec)}" for each in timelines)
        yield _(
            "The runs did not do the same work, so their times do not compare ({runs})."
        ).format(runs="; ".join(dict.fromkeys(parts)))


def _of_python(timelines: Sequence[Timeline]) -> Iterator[str]:
    versions = list(dict.fromkeys(timeline.python for timeline in timelines))
    if len(versions) > 1:
        yield _("They were measured with different Pythons: {versions}.").format(
            versions=", ".join(map(shortened, versions))
        )


def _of_pools(timelines: Sequence[Timeline]) -> Iterator[str]:
    if any(timeline.spec.executor == ExecutorKind.DEFAULT for timeline in timelines):
        yield _(
            "The ideal is that of this machine's default pool; where it was measured, the pool "
            "may have had another size."
        )
