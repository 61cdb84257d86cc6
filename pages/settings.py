"""Settings: who answers; about."""

from __future__ import annotations

import streamlit as st

from components.answerer_panel import answerer_panel
from components.settings_panel import about_panel, ontologies_panel

st.title("Settings")
answerer_panel()
ontologies_panel()
about_panel()
