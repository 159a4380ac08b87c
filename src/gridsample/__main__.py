"""``python -m gridsample`` is the ``gridsample`` command."""

import sys

from gridsample.cli import main

sys.exit(main())
