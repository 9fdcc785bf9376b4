"""Logs of firewalls, routers, switches and sensors."""
