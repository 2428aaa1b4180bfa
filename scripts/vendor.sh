#!/usr/bin/env bash
# Refreshes crates/gateway/assets/vendor: fetches the pinned packages, checks their integrity against
# VENDOR.toml, and takes out the files that are served. To move to another version, change package,
# version and integrity in VENDOR.toml, run this, and review what it changed. Building needs none of it.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../crates/gateway/assets/vendor"

refuse() {
  printf 'vendor: %s\n' "$*" >&2
  exit 1
}
command -v npm >/dev/null || refuse "npm fetches the packages; install Node.js and run again"
command -v python3 >/dev/null || refuse "VENDOR.toml is read by Python 3; install it and run again"
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

python3 - VENDOR.toml <<'PY' >"$scratch/rows"
import sys, tomllib
for row in tomllib.load(open(sys.argv[1], "rb"))["file"]:
    print(row["package"], row["version"], row["source"], row["file"], row["integrity"], sep="\t")
PY

while IFS=$'\t' read -r package version source file integrity; do
  archive="$scratch/$package-$version.tgz"
  if [[ ! -e "$archive" ]]; then
    (cd "$scratch" && npm pack --silent "$package@$version" >/dev/null) ||
      refuse "$package $version can't be fetched; check the name, the version and the network"
    [[ -e "$archive" ]] || refuse "npm wrote no $(basename "$archive")"
  fi
  found="sha512-$(openssl dgst -sha512 -binary "$archive" | base64 -w0)"
  [[ "$found" == "$integrity" ]] ||
    refuse "$package $version has the integrity $found, VENDOR.toml wants $integrity; do not use it"
  tar -xzf "$archive" -O "package/$source" >"$file.new"
  # The served file names nothing outside this origin: the source map stays where it is.
  sed -i -e '/^\/\/# sourceMappingURL=/d' -e 's|/\*# sourceMappingURL=[^*]*\*/||' "$file.new"
  mv "$file.new" "$file"
done <"$scratch/rows"

# What is checked in is what was fetched today.
python3 - VENDOR.toml <<'PY'
import hashlib, re, sys
path = sys.argv[1]
text = open(path, encoding="utf-8").read()
def rehash(block):
    file = re.search(r'^file = "(.+)"$', block, re.M)
    if not file:
        return block
    digest = hashlib.sha256(open(file[1], "rb").read()).hexdigest()
    return re.sub(r'^sha256 = ".*"$', f'sha256 = "{digest}"', block, flags=re.M)
open(path, "w", encoding="utf-8").write("[[file]]".join(map(rehash, text.split("[[file]]"))))
PY
printf 'vendor: done\n'
