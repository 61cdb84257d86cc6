"""What pages are made of: one panel a file. Streamlit is used here and in ``pages/`` alone."""
