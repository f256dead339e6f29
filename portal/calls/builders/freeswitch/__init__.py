"""From the legs that a FreeSWITCH, or the FusionPBX on one, tells of to calls."""
