"""The server: the Streamlit interface and the HTTP API as one ASGI application.

``streamlit run app.py`` imports this file once to build ``app``, and then runs it as ``__main__`` at every rerun of a
page, when it draws the navigation and the page beneath.
"""

from __future__ import annotations

import streamlit as st

if __name__ == "__main__":
    from components.frame import run_page

    run_page()
else:
    from components import preparation

    preparation.begin()  # before all else: a first start builds the search index, which takes longest

    from starlette.middleware import Middleware
    from starlette.routing import Mount
    from streamlit.runtime.pages_manager import PagesManager

    from synthome.api import create_api
    from synthome.api.workspace_cookie import WorkspaceCookie

    # Until the first visitor's st.navigation, Streamlit would run the files in pages/ by themselves, outside the frame.
    PagesManager.uses_pages_directory = False

    app = st.App(
        __file__,
        routes=[Mount("/api", app=create_api())],
        middleware=[Middleware(WorkspaceCookie)],
    )
