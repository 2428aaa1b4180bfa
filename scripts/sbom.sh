#!/usr/bin/env bash
# Writes what the binary `weft` is made of, as CycloneDX 1.5: every crate with its version, licence and
# hash, what builds it, and the JavaScript and CSS of others that it serves.
#
#   scripts/sbom.sh CARGO_CYCLONEDX FILE
#
# `make sbom` and deploy/Dockerfile call it. It needs no network where the crates are there.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

readonly program="$1" out="$2"
readonly vendored=crates/gateway/assets/vendor/VENDOR.toml

refuse() {
  printf 'sbom: %s\n' "$*" >&2
  exit 1
}

scratch=$(mktemp -d)
# One file for each binary of the workspace, beside its Cargo.toml.
trap 'rm -rf "$scratch"; rm -f crates/*/*_bin.cdx.json' EXIT

"$program" cyclonedx --quiet --manifest-path crates/weft/Cargo.toml --format json --spec-version 1.5 \
  --describe binaries >&2

# The packages of VENDOR.toml with their files, as components of the BOM.
browser_components() {
  awk -F ' = ' '
    function unquoted(text) { gsub(/^"|"$/, "", text); return text }
    /^\[\[file\]\]/ { if (file != "") print row(); file = "" }
    NF == 2 { value[$1] = unquoted($2); if ($1 == "file") file = value["file"] }
    function row() {
      return value["package"] "\t" value["version"] "\t" value["licence"] "\t" value["integrity"] \
        "\t" value["file"] "\t" value["sha256"]
    }
    END { if (file != "") print row() }
  ' "$vendored" | {
    local last='' package version licence integrity file sha256
    while IFS=$'\t' read -r package version licence integrity file sha256; do
      if [[ "$package" != "$last" ]]; then
        [[ -z "$last" ]] || printf '\n      ]\n    },\n'
        printf '    {\n      "type": "library",\n      "bom-ref": "npm:%s@%s",\n' "$package" "$version"
        printf '      "name": "%s",\n      "version": "%s",\n      "scope": "required",\n' "$package" "$version"
        printf '      "hashes": [{ "alg": "SHA-512", "content": "%s" }],\n' \
          "$(printf %s "${integrity#sha512-}" | base64 -d | od -An -v -tx1 | tr -d ' \n')"
        printf '      "licenses": [{ "license": { "id": "%s" } }],\n' "$licence"
        printf '      "purl": "pkg:npm/%s@%s",\n      "components": [' "$package" "$version"
      else
        printf ','
      fi
      printf '\n        { "type": "file", "bom-ref": "served:%s", "name": "%s", ' "$file" "$file"
      printf '"hashes": [{ "alg": "SHA-256", "content": "%s" }] }' "$sha256"
      last="$package"
    done
    [[ -n "$last" ]] || refuse "$vendored names no package"
    printf '\n      ]\n    },\n'
  }
}
browser_components >"$scratch/browser"

# The components go first into the list; the folder of the build machine goes out of the names.
awk -v root="$PWD/" -v browser="$scratch/browser" '
  { while ((at = index($0, "file://" root)) > 0) $0 = substr($0, 1, at + 6) substr($0, at + 7 + length(root)) }
  { print }
  /^  "components": \[$/ { while ((getline line < browser) > 0) print line; lists++ }
  END { exit lists != 1 }
' crates/weft/weft_bin.cdx.json >"$scratch/bom" ||
  refuse "the bill has no list of components where it was; mend scripts/sbom.sh for this cargo-cyclonedx"

# Nothing that the binary is made of may be missing.
missing=$(cargo tree --package weft --edges normal,build --locked --prefix none --format '{p}' |
  awk '{ sub(/^v/, "", $2); print $1 "@" $2 }' | sort -u |
  while read -r crate; do
    grep -qF "\"pkg:cargo/$crate" "$scratch/bom" || echo "$crate"
  done)
[[ -z "$missing" ]] || refuse "these crates are not in the bill: ${missing//$'\n'/, }"

install -D -m 644 "$scratch/bom" "$out"
printf 'sbom: %s names %s crates and %s packages for the browser\n' "$out" \
  "$(grep -c '"purl": "pkg:cargo/' "$out")" "$(grep -c '"purl": "pkg:npm/' "$out")" >&2
