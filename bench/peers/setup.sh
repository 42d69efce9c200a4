#!/bin/sh
# Makes the rivals of `npm run bench`: a Python environment and a folder of Node packages, outside of what git tracks.
#
#   sh bench/peers/setup.sh [folder] [--without-tfjs-node]
#
# The folder is $GREEKGYM_PEERS, else bench/peers/.local; give the benchmark the same variable. About 8 GB (the wheels
# of torch carry CUDA), some minutes. PYTHON names the interpreter (3.11 or newer; tfjs-node needs exactly 3.11).
# A part that is already there is left alone; a part that fails is named, and the benchmark runs without it.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
folder=${GREEKGYM_PEERS:-$here/.local}
native=yes
for argument in "$@"; do
  case $argument in
    --without-tfjs-node) native=no ;;
    -*) echo "setup.sh: unknown option $argument" >&2; exit 2 ;;
    *) folder=$argument ;;
  esac
done
python=${PYTHON:-python3}
mkdir -p "$folder"
folder=$(cd "$folder" && pwd)
failed=""

say() { printf '%s\n' "$*"; }

make_python() {
  [ -x "$folder/python/bin/python" ] || "$python" -m venv "$folder/python" || return 1
  "$folder/python/bin/python" -m pip install --quiet --no-cache-dir --requirement "$here/requirements.txt"
}

make_node() {
  mkdir -p "$folder/node"
  cp "$here/node/package.json" "$folder/node/package.json"
  # No install scripts: onnxruntime-node's would fetch CUDA, its CPU binding is in the package.
  (cd "$folder/node" && npm install --ignore-scripts --no-audit --no-fund --loglevel=error)
}

# tfjs-node without its download host: the package's own addon, compiled against libtensorflow of the PyPI wheel
# tensorflow-cpu 2.15.1 (the addon asks for 2.9.1 and runs on this one) and the headers that came with Node.
make_tfjs_node() {
  target="$folder/tfjs-node"
  addon="$target/node_modules/@tensorflow/tfjs-node"
  [ -f "$addon/lib/napi-v8/tfjs_binding.node" ] && return 0
  mkdir -p "$target"
  printf '{ "name": "greekgym-bench-tfjs-node", "private": true }\n' > "$target/package.json"
  (cd "$target" && npm install --ignore-scripts --no-audit --no-fund --loglevel=error @tensorflow/tfjs-node@4.22.0) || return 1
  "$python" -m pip download --quiet --no-deps --dest "$target/wheel" tensorflow-cpu==2.15.1 || return 1
  mkdir -p "$addon/deps/lib" "$addon/deps/include"
  "$python" - "$target/wheel" "$addon/deps" <<'PY' || return 1
import pathlib, shutil, sys, zipfile
wheel = next(pathlib.Path(sys.argv[1]).glob("tensorflow_cpu-*.whl"))
deps = pathlib.Path(sys.argv[2])
with zipfile.ZipFile(wheel) as archive:
    for name in archive.namelist():
        parts = name.split("/")
        if parts[:2] == ["tensorflow", "include"] and parts[2] in ("tensorflow", "tsl", "xla") and parts[-1]:
            target = deps / "include" / "/".join(parts[2:])
        elif parts[0] == "tensorflow" and parts[-1] in ("libtensorflow_cc.so.2", "libtensorflow_framework.so.2"):
            target = deps / "lib" / parts[-1]
        else:
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        with archive.open(name) as source, open(target, "wb") as out:
            shutil.copyfileobj(source, out)
PY
  ln -sf libtensorflow_cc.so.2 "$addon/deps/lib/libtensorflow.so"
  ln -sf libtensorflow_cc.so.2 "$addon/deps/lib/libtensorflow.so.2"
  ln -sf libtensorflow_framework.so.2 "$addon/deps/lib/libtensorflow_framework.so"
  headers=$(node -p 'require("node:path").resolve(process.execPath, "../..")')
  (cd "$addon" && npx --yes node-gyp@10 rebuild --nodedir="$headers" --module_name=tfjs_binding \
    --module_path="$addon/lib/napi-v8" --napi_build_version=8 >"$target/build.log" 2>&1) || {
    say "the addon did not compile; see $target/build.log" >&2
    return 1
  }
  rm -rf "$target/wheel"
}

say "rivals go into $folder"
for part in python node tfjs_node; do
  [ "$part" = tfjs_node ] && [ "$native" = no ] && continue
  say "$part: installing"
  if "make_$part"; then say "$part: ready"; else say "$part: failed; the benchmark runs without it" >&2; failed=1; fi
done
[ -z "$failed" ]
