"""What detectors are made of. Files beside this folder are detectors; nothing in here is one."""
