"""The configuration of integrations: save it, test it, carry it, look back at it; practice; readiness."""
