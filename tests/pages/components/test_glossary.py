from core.analysis.span_classes import span_classes
from core.charts.palette import marks
from pages.components.glossary import texts


def test_every_word_of_a_legend_is_explained() -> None:
    words = [look.name for look in span_classes().values()] + [
        mark.name for mark in marks().values()
    ]
    explained = [word for text in texts() for word in text.partition(":")[0].split(", ")]
    assert sorted(words) == sorted(set(words) & set(explained))
    assert {"ideal", "worker"} <= set(explained)
