"""The signed webhook of other programs: who may report, and what a signature is."""
