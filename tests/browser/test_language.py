"""Korean, as a visitor with a Korean browser meets it, and as one who chooses it."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from tests.kit.app import App
from tests.kit.chromium import Server

pytestmark = [pytest.mark.browser, pytest.mark.real]

TITLE = "각 태스크는 언제 무엇을 했고, 왜 기다렸을까요?"
DOWNLOAD = "내려받기"


@pytest.fixture
def korean(browser: Browser, server: Server) -> Iterator[App]:
    """Return the app in a Korean browser on a phone."""
    context = browser.new_context(viewport={"width": 390, "height": 844}, locale="ko-KR")
    context.set_default_timeout(30_000)
    yield App(server.address, context.new_page())
    context.close()


def language_of(app: App) -> str:
    language: str = app.page.evaluate("() => document.documentElement.lang")
    return language


def axis_titles(app: App) -> str:
    """Return the label of the time axis, once the chart is drawn."""
    app.await_chart("chart._fullLayout.xaxis")
    titles: str = app.page.evaluate(
        "() => Object.entries(document.querySelector('.js-plotly-plot').layout)"
        ".filter(([key]) => key.startsWith('xaxis'))"
        ".map(([, axis]) => axis.title?.text || '').join('')"
    )
    return titles


def test_a_korean_browser_gets_page_chart_and_sentence_in_korean(korean: App) -> None:
    korean.open("gather")
    korean.page.get_by_role("heading", level=1, name="모두 한꺼번에").wait_for()
    korean.page.get_by_text(DOWNLOAD, exact=True).wait_for()
    korean.page.get_by_text("동시에 진행된 작업은 최대 5개이므로").first.wait_for()
    assert axis_titles(korean) == "시작 이후 시간 (ms)"
    names = {bar.name for bar in korean.bars()}
    assert {"이상적 시간", "대기"} <= names
    assert not names & {"ideal", "waiting", "running"}
    assert language_of(korean) == "ko"
    assert "lang=" not in korean.page.url
    main = "document.querySelector('[data-testid=stMain]')"
    assert korean.page.evaluate(f"() => {main}.scrollWidth - {main}.clientWidth") <= 0


def test_switching_keeps_the_settings_and_the_language_stays_on_other_pages(app: App) -> None:
    app.open("gather")
    app.await_result()
    assert language_of(app) == "en"
    app.move_slider("Tasks", "ArrowRight")
    app.toggle("longest first")
    app.page.wait_for_url("**/gather?*spread=falling*")
    app.page.get_by_text("한국어", exact=True).click()
    app.page.get_by_role("heading", level=1, name="모두 한꺼번에").wait_for()
    app.page.get_by_text(DOWNLOAD, exact=True).wait_for()
    app.page.wait_for_selector("[data-test-script-state=notRunning]")
    assert app.slider_text("작업 수") == "6"
    app.open_menu()
    expect(app.page.get_by_role("radio", name="긴 것부터")).to_be_checked()
    assert "spread=falling" in app.page.url
    assert "lang=ko" in app.page.url
    app.page.get_by_role("link", name="이벤트 루프 블로킹", exact=True).click()
    app.page.get_by_role("heading", level=1, name="이벤트 루프 블로킹").wait_for()
    app.page.wait_for_url("**/blocking?*lang=ko*")
    app.page.get_by_text(DOWNLOAD, exact=True).wait_for()
    assert language_of(app) == "ko"


def test_a_link_says_the_language_whatever_the_browser_asks_for(app: App) -> None:
    app.open("?lang=ko")
    app.page.get_by_role("heading", level=1, name=TITLE).wait_for()
    expect(app.page.locator("html")).to_have_attribute("lang", "ko")
    app.page.get_by_text(DOWNLOAD, exact=True).wait_for()
    app.open("?lang=%2e%2e%2fko")
    app.page.get_by_role("heading", level=1, name="What was each task doing").wait_for()
    expect(app.page.locator("html")).to_have_attribute("lang", "en")
    app.await_result()


def test_a_chart_that_grows_speaks_korean_all_the_while(app: App) -> None:
    """What Streamlit reruns on a timer, several times a second, stays in the language."""
    app.open("sequential?lang=ko")
    app.page.get_by_text(DOWNLOAD, exact=True).wait_for()
    app.toggle("조작하면 바로 측정")
    app.move_slider("sleep 시간", "End")
    app.page.get_by_text("실행을 누르면 측정합니다").wait_for()
    app.run()
    for _ in range(3):
        app.await_chart("chart.layout.annotations?.[0]?.text.includes('현재까지')")
        app.page.wait_for_timeout(300)
    app.press("중지")
    app.page.get_by_text("실행을 중지했습니다").first.wait_for()
    assert "만에 중단됨" in app.titles()[0]
