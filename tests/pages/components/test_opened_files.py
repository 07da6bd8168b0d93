"""What sessions may upload."""

import pytest
from starlette.exceptions import HTTPException
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.runtime.uploaded_file_manager import UploadedFileRec

from pages.components.opened_files import UNASKED_S, Uploads, bound_uploads


class Clock:
    """A clock that stands still until it is moved."""

    now_s = 0.0

    def __call__(self) -> float:
        return self.now_s


def manager(clock: Clock) -> tuple[MemoryUploadedFileManager, Uploads]:
    made = MemoryUploadedFileManager("/upload")
    return made, Uploads(made, most_of_session=100, most_of_all=250, clock=clock)


def send(to: MemoryUploadedFileManager, session: str, name: str, size: int) -> None:
    to.add_file(session, UploadedFileRec(file_id=name, name=name, type="", data=b"x" * size))


def held(of: MemoryUploadedFileManager, session: str) -> list[str]:
    return list(of.file_storage.get(session, {}))


def test_a_session_uploads_no_more_than_its_bound_and_others_still_can() -> None:
    made, _ = manager(Clock())
    send(made, "a", "1", 60)
    send(made, "a", "2", 40)
    with pytest.raises(HTTPException) as refused:
        send(made, "a", "3", 1)
    assert refused.value.status_code == 413
    send(made, "b", "1", 100)
    assert (held(made, "a"), held(made, "b")) == (["1", "2"], ["1"])


def test_all_sessions_together_upload_no_more_than_the_bound_of_all() -> None:
    made, _ = manager(Clock())
    for session in ("a", "b"):
        send(made, session, "1", 100)
    send(made, "c", "1", 50)
    with pytest.raises(HTTPException):
        send(made, "d", "1", 1)


def test_what_no_widget_shows_is_released_after_a_while() -> None:
    clock = Clock()
    made, uploads = manager(clock)
    send(made, "a", "shown", 10)
    send(made, "a", "unasked", 10)
    clock.now_s = UNASKED_S
    send(made, "a", "on its way", 10)
    uploads.release_all_but("a", {"shown"})
    assert held(made, "a") == ["shown", "on its way"]


def test_what_was_removed_and_sessions_that_are_over_leave_room() -> None:
    made, _ = manager(Clock())
    send(made, "a", "1", 100)
    made.remove_file("a", "1")
    send(made, "a", "2", 100)
    made.remove_session_files("a")
    send(made, "a", "3", 100)
    assert held(made, "a") == ["3"]


def test_without_a_server_nothing_is_bound() -> None:
    assert bound_uploads() is None
