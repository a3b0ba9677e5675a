"""scikit-learn's interface: a classifier and a regressor for series of events. Needs the extra "estimators"."""

from importlib import import_module

try:
    for package in ("pandas", "sklearn"):
        import_module(package)
except ModuleNotFoundError as error:
    raise ImportError('plstm.estimators needs scikit-learn and pandas: pip install "plstm[estimators]"') from error
