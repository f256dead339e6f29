"""Reading what FreeSWITCH tells: bodies as they come, their XML, and the legs that they are of."""
