"""ESL to MQTT: a FreeSWITCH as retained state, by a machine without I/O and a shell that survives its peers."""
