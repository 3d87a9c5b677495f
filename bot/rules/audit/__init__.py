"""The proof of records, computed: what a link of the chain is made of. Pure."""
