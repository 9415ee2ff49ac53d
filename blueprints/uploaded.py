"""The file a form was sent with."""

from flask import request

from surveyor.errors import N_, InvalidInput


def uploaded_file(field: str = "file") -> tuple[bytes, str]:
    """Content and name of the file in a field; raises InvalidInput when none was chosen."""
    file = request.files.get(field)
    if file is None or not file.filename:
        raise InvalidInput(N_("Velg en fil."))
    return file.read(), file.filename
