"""`python3 -m workstation`: the commands of the isolated workstation, with the packages in this folder."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent / "packages"))

from workstation.command import main

sys.exit(main())
