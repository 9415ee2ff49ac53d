"""The one exception to denying browsers their position: a page of a form that asks for a place."""

from flask import Response, after_this_request

from blueprints.security import HEADERS


def let_locate() -> None:
    """Let this one page ask the browser where it is; the browser asks its user first."""
    policy = HEADERS["Permissions-Policy"].replace("geolocation=()", "geolocation=(self)")

    @after_this_request
    def _allow(response: Response) -> Response:
        response.headers["Permissions-Policy"] = policy
        return response
