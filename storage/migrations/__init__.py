"""The schema's history; ``storage.schema`` runs it."""
