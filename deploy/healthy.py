"""The health check of a container, fast and with the standard library only: a worker has touched its beat file lately, or
an API is ready. Reports the fault."""

import os
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

OLDEST_BEAT = 15  # seconds

beat = Path(os.environ.get("BEAT_FILE", "/run/circlework/beat"))
if beat.exists():
    age = time.time() - beat.stat().st_mtime
    sys.exit(0 if age < OLDEST_BEAT else f"the last sign of life is {age:.0f} s old")
try:
    urllib.request.urlopen(f"http://127.0.0.1:{os.environ.get('PORT', '8000')}/readyz", timeout=4)
except urllib.error.HTTPError as error:
    sys.exit(f"not ready: {error.read().decode(errors='replace')}")
except OSError as error:
    sys.exit(f"nobody answers: {error}")
