"""PURE: a document → what a page says. No Streamlit, no reading, no computing of figures."""
