#!/bin/sh
# Makes the Python environments: .venv with every tool, and in it lambda-runtime, which has what Lambda has; with the
# argument `linters` also .venv/linters, whose packages cannot share one with the others. Quick when nothing changed; an interrupted run is finished by the next one, and one at a time works.
set -eu
cd "$(dirname "$0")/.."
here=$(pwd -P)
setting_up=build/setting-up

fail() {
    echo "error: $*" >&2
    exit 1
}

is_python_3_13() {
    "$1" -c 'import sys, venv, ensurepip, ssl; sys.exit(sys.version_info[:2] != (3, 13))' >/dev/null 2>&1
}

find_python() {
    for candidate in python3.13 "${HOME:-}"/.pyenv/versions/3.13*/bin/python3.13 /usr/local/bin/python3.13 \
        /usr/bin/python3.13 python3; do
        if is_python_3_13 "$candidate"; then
            echo "$candidate"
            return
        fi
    done
    fail "Python 3.13 with venv is needed (packages python3.13 and python3.13-venv);" \
        "looked for a python3.13 that runs on PATH, in ${HOME:-}/.pyenv/versions, /usr/local/bin and /usr/bin"
}

install_packages() { # environment, then arguments of pip
    environment=$1
    shift
    "$environment/bin/python" -m pip install --disable-pip-version-check --no-input "$@" >>.venv/setup.log 2>&1 || fail \
        "pip could not install the packages: $(grep -E '^ERROR' .venv/setup.log | tail -n 1)" \
        "(log: $here/.venv/setup.log); run the command again to go on"
}

is_made_here() { # environment; its programs hold its path, which no longer leads to it when the checkout was moved
    is_python_3_13 "$1/bin/python" || return 1
    case $(sed -n 's/^command = //p' "$1/pyvenv.cfg" 2>/dev/null) in
        *" $here/$1") return 0 ;;
        *) return 1 ;;
    esac
}

make_environment() { # environment
    if ! is_made_here "$1"; then
        "$python" -m venv --clear "$here/$1" >>.venv/setup.log 2>&1 ||
            fail "cannot make $1 (log: $here/.venv/setup.log)"
    fi
}

is_ready() {
    [ "$(cat .venv/ready 2>/dev/null)" = "$wanted" ] && .venv/bin/python -c '' 2>/dev/null &&
        .venv/lambda-runtime/bin/python -c '' 2>/dev/null
}

are_linters_ready() {
    [ "$with" != linters ] || {
        [ "$(cat .venv/linters/ready 2>/dev/null)" = "$wanted_linters" ] &&
            .venv/linters/bin/python -c '' 2>/dev/null
    }
}

work_alone() {
    if command -v flock >/dev/null; then
        # The lock is on this file itself, and ends with the process that holds it.
        exec 9<local/setup.sh
        flock -w 900 9 || fail "another set-up of this checkout has been under way for 15 minutes; wait for it"
    else
        mkdir -p build
        mkdir "$setting_up" 2>/dev/null || fail "another set-up of this checkout is under way; wait for it," \
            "or, if none is, remove the directory $here/$setting_up"
        trap 'rmdir "$setting_up"' EXIT
        trap 'exit 130' INT TERM HUP
    fi
}

with=${1:-}
wanted="$(cat requirements/*.txt layers/*/requirements.txt local/setup.sh | cksum) $here"
wanted_linters="$(cat requirements/linters/*.txt local/setup.sh 2>/dev/null | cksum) $here"
if is_ready && are_linters_ready; then
    exit 0
fi
mkdir -p .venv 2>/dev/null && [ -w .venv ] || fail "cannot write to $here/.venv"
work_alone
if ! is_ready; then
    python=$(find_python)
    echo "Setting up Python in .venv (downloads once; log: .venv/setup.log)"
    rm -f .venv/ready
    : >.venv/setup.log
    make_environment .venv
    make_environment .venv/lambda-runtime
    install_packages .venv -c requirements/constraints.txt -r requirements/local.txt -r requirements/test.txt \
        -r requirements/lint.txt -r layers/application/requirements.txt -r layers/operations/requirements.txt \
        -r layers/postgres/requirements.txt
    install_packages .venv/lambda-runtime -c requirements/constraints.txt -r requirements/lambda-runtime.txt
    echo "$wanted" >.venv/ready
fi
if ! are_linters_ready; then
    python=$(find_python)
    echo "Setting up the template linters in .venv/linters (downloads once; log: .venv/setup.log)"
    rm -f .venv/linters/ready
    make_environment .venv/linters
    install_packages .venv/linters -c requirements/linters/constraints.txt -r requirements/linters/requirements.txt
    echo "$wanted_linters" >.venv/linters/ready
fi
