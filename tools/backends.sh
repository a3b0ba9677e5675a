#!/bin/sh
# Test the core on JAX and PyTorch, in an environment of their own: both beside TensorFlow would be gigabytes more.
# usage: tools/backends.sh PYTHON VENV TORCH [jax|torch]; TORCH is what pip is asked for, e.g. torch==2.13.0
set -eu
python=$1
venv=$2
torch=$3
tests="tests/engines tests/layers tests/test_reported.py"
# The kernels for GPUs are run by Triton's interpreter and compiled for cards that are not here. Triton has no other
# wheels than for Linux; with CUDA's PyTorch it comes by itself.
triton=triton==3.9.0
tests_of_triton="tests/engines/triton tests/lab/bench/test_gpu.py"
# JAX calls them through jax-triton, which packs a call by JAX's plug-in for CUDA. Neither needs a GPU for that. They lie
# in a folder of their own, which no other test sees.
jax_triton=jax-triton==0.3.1
# Written for all backends, but not yet run to their end on JAX, where they take long.
not_on_jax="test_oracle_wrappers test_transforms test_registration"
# scikit-learn's own checks of the estimators (test_sklearn.py) are left to TensorFlow: they look at scikit-learn's rules.
# On JAX every training compiles anew, so there only the forms of X and the poor tables.
of_estimators="tests/estimators/test_forms.py tests/estimators/test_poor_tables.py"
more_of_estimators="tests/estimators/test_estimators.py tests/data/test_queries.py"

key="$("$python" --version) $torch $triton $jax_triton $(cat requirements.txt "$0" | cksum)"
if [ ! -f "$venv/.installed" ] || [ "$(cat "$venv/.installed")" != "$key" ]; then
    echo "Installing JAX and PyTorch for the CPU in $venv"
    "$python" -m venv --clear "$venv"
    "$venv/bin/python" -m pip install --disable-pip-version-check --quiet "$torch"
    "$venv/bin/python" -m pip install --disable-pip-version-check --quiet --constraint requirements.txt \
        h5py hypothesis jax keras numba onnx onnxruntime pandas pytest scikit-learn
    if [ "$(uname -s)" = Linux ]; then
        "$venv/bin/python" -m pip install --disable-pip-version-check --quiet --no-deps "$triton"
        jax=$("$venv/bin/python" -c 'import importlib.metadata; print(importlib.metadata.version("jaxlib"))')
        "$venv/bin/python" -m pip install --disable-pip-version-check --quiet --no-deps --target "$venv/jax-triton" \
            "$jax_triton" "jax-cuda12-plugin==$jax"
    fi
    echo "$key" >"$venv/.installed"
fi

test_on() { # BACKEND OPTION...
    backend=$1
    shift
    KERAS_BACKEND=$backend "$venv/bin/python" -m pytest --quiet -p no:cacheprovider -W ignore::DeprecationWarning "$@"
}

test_kernels_on() { # BACKEND PATH...
    if [ "$(uname -s)" != Linux ]; then
        echo "== Triton: left out, as there is no Triton for $(uname -s)"
        return
    fi
    echo "== Triton on $1, interpreted and compiled"
    # The interpreter has to be asked for before Triton is imported; fusing of products and sums as it is by default.
    TRITON_INTERPRET=1 TRITON_DEFAULT_FP_FUSION=1 test_on "$@"
}

status=0
case ${4:-both} in
both) # either uses little more than one core
    exec sh tools/both.sh "sh '$0' '$python' '$venv' '$torch' torch" "sh '$0' '$python' '$venv' '$torch' jax"
    ;;
jax)
    echo "== jax"
    without=
    for name in $not_on_jax; do without="$without --ignore=tests/layers/$name.py"; done
    # Outside of jax.jit, JAX compiles a loop anew at every call, which took most of the time of its tests. So equal
    # programs are compiled once and kept, in the environment.
    # shellcheck disable=SC2086 # lists of options and paths
    PYTHONPATH=. JAX_COMPILATION_CACHE_DIR="$(cd "$venv" && pwd)/compiled" \
        JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS=0 JAX_PERSISTENT_CACHE_MIN_ENTRY_SIZE_BYTES=-1 \
        test_on jax $without $tests $of_estimators || status=1
    PYTHONPATH=".:$venv/jax-triton" test_kernels_on jax tests/engines/triton || status=1
    ;;
torch)
    echo "== torch"
    # shellcheck disable=SC2086 # lists of paths
    PYTHONPATH=. test_on torch $tests $of_estimators $more_of_estimators || status=1
    # shellcheck disable=SC2086 # a list of paths
    PYTHONPATH=. test_kernels_on torch $tests_of_triton || status=1
    ;;
esac
[ "$status" = 0 ] || echo "Failed on $4."
exit "$status"
