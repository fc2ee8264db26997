"""Every test runs on the tiny demonstration data unless it says otherwise."""

import os
import signal

os.environ.setdefault("STUDIE_DEMONSTRATION_SIZE", "tiny")
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # as in a background job; what tests start would ignore it too
    signal.signal(signal.SIGINT, signal.default_int_handler)
