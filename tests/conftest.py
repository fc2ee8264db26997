"""Every test runs on the tiny demonstration data unless it says otherwise."""

import os

os.environ.setdefault("STUDIE_DEMONSTRATION_SIZE", "tiny")
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
