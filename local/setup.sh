#!/bin/sh
# Makes the Python environments: .venv with every tool, and in it lambda-runtime, which has what Lambda has.
# Quick when nothing changed; an interrupted run is finished by the next one.
set -eu
cd "$(dirname "$0")/.."

fail() {
    echo "error: $*" >&2
    exit 1
}

is_python_3_13() {
    "$1" -c 'import sys, venv, ensurepip, ssl; sys.exit(sys.version_info[:2] != (3, 13))' >/dev/null 2>&1
}

find_python() {
    for candidate in python3.13 "$HOME"/.pyenv/versions/3.13*/bin/python3.13 /usr/local/bin/python3.13 /usr/bin/python3.13 \
        python3; do
        if is_python_3_13 "$candidate"; then
            echo "$candidate"
            return
        fi
    done
    fail "Python 3.13 with venv is needed (packages python3.13 and python3.13-venv);" \
        "looked for a python3.13 that runs on PATH, in $HOME/.pyenv/versions, /usr/local/bin and /usr/bin"
}

install_packages() { # environment, then arguments of pip
    environment=$1
    shift
    "$environment/bin/python" -m pip install --disable-pip-version-check --no-input "$@" >>.venv/setup.log 2>&1 || fail \
        "pip could not install the packages: $(grep -E '^ERROR' .venv/setup.log | tail -n 1)" \
        "(log: $PWD/.venv/setup.log); run the command again to go on"
}

make_environment() { # environment
    if ! is_python_3_13 "$1/bin/python"; then
        "$python" -m venv --clear "$1" >>.venv/setup.log 2>&1 || fail "cannot make $1 (log: $PWD/.venv/setup.log)"
    fi
}

wanted=$(cat requirements/*.txt layers/*/requirements.txt local/setup.sh | cksum)
if [ "$(cat .venv/ready 2>/dev/null)" = "$wanted" ] && .venv/bin/python -c '' 2>/dev/null; then
    exit 0
fi
mkdir -p .venv 2>/dev/null && [ -w .venv ] || fail "cannot write to $PWD/.venv"
python=$(find_python)
echo "Setting up Python in .venv (downloads once; log: .venv/setup.log)"
: >.venv/setup.log
make_environment .venv
make_environment .venv/lambda-runtime
install_packages .venv -c requirements/constraints.txt -r requirements/local.txt -r requirements/test.txt \
    -r requirements/lint.txt -r layers/operations/requirements.txt -r layers/postgres/requirements.txt
install_packages .venv/lambda-runtime -c requirements/constraints.txt -r requirements/lambda-runtime.txt
echo "$wanted" >.venv/ready
