from tests.pages.lessons import Lesson


class TestLesson(Lesson):
    pattern = "sequential"
