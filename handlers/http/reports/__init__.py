"""Reports that one colleague may open by a link."""
