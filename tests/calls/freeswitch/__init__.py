"""FreeSWITCH and FusionPBX: their documents and rows, and the calls that are built of them."""
