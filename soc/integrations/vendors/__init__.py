"""One folder a vendor. Vendors do not import each other."""
