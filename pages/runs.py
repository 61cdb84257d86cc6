"""Runs: everything made so far."""

from __future__ import annotations

import streamlit as st

from components.runs_panel import runs_panel

st.title("Runs")
runs_panel()
