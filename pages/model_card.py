"""Model card: what the models know, how good that is, and where they fail."""

from __future__ import annotations

import streamlit as st

from components.model_card_panel import model_card_panel

st.title("Model card")
model_card_panel()
