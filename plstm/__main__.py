"""``python -m plstm``: the same as ``plstm``."""

from plstm.lab.cli.main import main

raise SystemExit(main())
