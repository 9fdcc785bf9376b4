"""The configuration of integrations: test it, save it, carry it, look back at it; practice; readiness."""
