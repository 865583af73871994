"""`python -m fleet`: the command of `fleet.run`."""

import sys

from fleet.run import main

sys.exit(main())
