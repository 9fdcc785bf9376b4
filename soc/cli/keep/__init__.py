"""`soc backup`, `soc restore` and `soc migrate`: what keeps an installation, moves it and brings it to a new version."""
