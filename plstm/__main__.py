"""``python -m plstm``: the same as ``plstm``."""

from plstm.cli import main

raise SystemExit(main())
