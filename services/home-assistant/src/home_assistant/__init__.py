"""Displays and switches as devices of Home Assistant, by MQTT device discovery."""
