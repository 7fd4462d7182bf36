"""A request whose uploads never lie on a disc as they came."""

from typing import IO, cast

from flask import Request as FlaskRequest

from portal.core.spool import Spool


class Request(FlaskRequest):
    """The portal's request."""

    def _get_file_stream(
        self,
        total_content_length: int | None,
        content_type: str | None,
        filename: str | None = None,
        content_length: int | None = None,
    ) -> IO[bytes]:
        """Where an uploaded file waits for its form; Werkzeug's own would be a temporary file."""
        return cast(IO[bytes], Spool())
