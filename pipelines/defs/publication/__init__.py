"""Group `publication`: what the gates found, and the last step that makes a run visible."""
