from core.analysis.guesses import Idea, Order, guesses
from core.spec.run_spec import RunSpec
from tests.kit.screen import Screen, opened, unescaped

SPEC = RunSpec(pattern="gather", tasks=3, sleep_s=0.05)


def guessing() -> Screen:
    return opened("gather", guess=True, tasks=3, sleep=50)


def guess(screen: Screen, idea: Idea, order: Order) -> Screen:
    key = f"guess 0 {hash(SPEC)}"
    (time,) = [each for each in guesses(SPEC) if each.idea is idea]
    screen.at.segmented_control(key=f"gather {key} time").set_value(time)
    screen.at.segmented_control(key=f"gather {key} order").set_value(order)
    return screen.run()


def test_nothing_is_measured_or_shown_before_the_guess() -> None:
    screen = guessing()
    assert not screen.is_running
    assert len(screen.at.get("plotly_chart")) == 0
    assert screen.texts("info") == ["The chart appears once you have guessed."]
    assert screen.at.button(key="gather run").disabled


def test_the_guess_is_drawn_and_told_once_it_has_run() -> None:
    screen = guess(guessing(), Idea.ONE_BY_ONE, Order.FORWARD).when_ended()
    assert screen.sentence is not None
    (line,) = [each for each in screen.figure["data"] if each.get("name") == "your guess"]
    assert line["x"] == [150.0, 150.0]
    assert "You said 150 ms: one after another, but it took" in screen.findings["gather"]


def test_other_settings_ask_for_another_guess() -> None:
    screen = guess(guessing(), Idea.TOGETHER, Order.FORWARD).when_ended().slide(tasks=4)
    assert not screen.is_running
    assert len(screen.at.get("plotly_chart")) == 0


def test_a_single_job_has_no_order_to_guess() -> None:
    segments = opened("gather", guess=True, tasks=1).at.segmented_control
    asked = [unescaped(each.label) for each in segments if "will" in each.label]
    assert asked == ["How long will gather take?"]
