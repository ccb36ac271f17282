"""Parts of pages that are too long for one script: what is drawn, and what a button does."""
