"""Check the pinned requirements for known vulnerabilities in PyPI's list, with pip-audit.

usage: python tools/audit.py [VENV]        (default: .venv-audit)

The exit status is 1 if one is found, or if a package could not be looked up.
"""

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
# Exact pins need no resolving: only the list is read, and nothing is installed.
OPTIONS = ["--no-deps", "--disable-pip", "--progress-spinner", "off", "--format", "json"]


def installed(venv):
    """Path of pip-audit, which is installed into ``venv`` if it is missing."""
    tool = venv / "bin" / "pip-audit"
    if not tool.exists():
        subprocess.run([sys.executable, "-m", "venv", "--clear", venv], check=True)
        pip = [venv / "bin" / "python", "-m", "pip", "install", "--disable-pip-version-check", "--quiet", "pip-audit"]
        subprocess.run(pip, check=True)
    return tool


def summary(report):
    """Lines about a report of pip-audit, and whether all packages were looked up and none has a vulnerability.

    pip-audit itself succeeds even if its list did not answer.
    """
    packages = report["dependencies"]
    unknown = [package["name"] for package in packages if "skip_reason" in package]
    found = [(package, fault) for package in packages for fault in package.get("vulns", [])]
    lines = [
        f"{package['name']} {package['version']}: {fault['id']},"
        f" mended in {', '.join(fault['fix_versions']) or 'none yet'}"
        for package, fault in found
    ]
    lines.append(f"{len(packages) - len(unknown)} of {len(packages)} packages looked up, {len(found)} faults known")
    if unknown:
        names = ", ".join(unknown[:5]) + (" and others" if len(unknown) > 5 else "")
        lines.append(f"not looked up: {names}. PyPI itself has the list; a mirror of it may have none.")
    return lines, not found and not unknown


def main(venv=ROOT / ".venv-audit"):
    command = [installed(Path(venv)), "--requirement", ROOT / "requirements.txt", *OPTIONS]
    done = subprocess.run(command, capture_output=True, text=True)
    try:
        lines, well = summary(json.loads(done.stdout))
    except ValueError:
        sys.exit(f"pip-audit made no report:\n{done.stderr}")
    print("\n".join(lines))
    return 0 if well else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
