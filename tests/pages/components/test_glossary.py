from core.charts.palette import blocking_look, connecting_look, looks, marks
from pages.components.glossary import texts


def test_every_word_of_a_legend_is_explained() -> None:
    looks_of_bars = [*looks().values(), blocking_look(), connecting_look()]
    words = [look.name for look in looks_of_bars] + [mark.name for mark in marks().values()]
    explained = [word for text in texts() for word in text.partition(":")[0].split(", ")]
    assert sorted(words) == sorted(set(words) & set(explained))
    assert {"ideal", "worker"} <= set(explained)
