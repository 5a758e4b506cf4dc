#!/usr/bin/env bash
# Makes the virtual environment from the hashed lock and installs our packages into it, editable.
# Usage: install.sh VENV PYTHON PACKAGE_DIRECTORY...   (an empty PYTHON means: find one)
set -euo pipefail

venv=$1
python=$2
shift 2

good() { "$1" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; }

if [ -z "$python" ]; then
  for candidate in python3.11 python3.12 python3.13 python3.14 python3; do
    if good "$candidate"; then python=$candidate; break; fi
  done
fi
if [ -z "$python" ] || ! good "$python"; then
  echo "Holdfast needs Python 3.11 or newer with venv; ${python:-none was found} will not do." >&2
  echo "  → Install it (Debian, Ubuntu: apt-get install python3 python3-venv), or name one: make install PYTHON=/path/to/python3.11" >&2
  exit 1
fi

if ! "$venv/bin/python" -c '' >/dev/null 2>&1; then
  echo "Making $venv with $("$python" --version) …"
  "$python" -m venv "$venv"
fi

packages=()
for directory in "$@"; do packages+=(--editable "$directory"); done

pip=("$venv/bin/python" -m pip --disable-pip-version-check --quiet)
echo "Installing what the lock names, each file checked by its hash …"
"${pip[@]}" install --require-hashes --requirement requirements-dev.lock
echo "Installing our own ${#} packages …"
"${pip[@]}" install --no-deps --no-build-isolation "${packages[@]}"
