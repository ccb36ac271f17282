"""The Streamlit app: reads publications and the ledger, never computes in a page."""
