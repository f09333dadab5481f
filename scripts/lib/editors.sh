# shellcheck shell=bash
# Real editors for the editors' tests, all from npm and Debian, in the cache folder. Sourced after setup.sh.

: "${nf_cache:?source setup.sh first}" "${nf_arch:?}"

# The current one, and the oldest that the extension's package.json allows.
# shellcheck disable=SC2034 # scripts/test names the second
readonly code_server_version=4.139.1 oldest_code_server_version=4.93.1
readonly playwright_version=1.65.1

# need_vscode [VERSION]: VS Code as npm's code-server (its version is VS Code's with the first part three higher), and
# playwright-core to look at it through the system's Chromium; in $nf_vscode_dir.
need_vscode() {
  nf_vscode_version=${1:-$code_server_version}
  nf_vscode_dir=$nf_cache/vscode-$nf_vscode_version-$nf_arch
  need_node
  need_command chromium chromium
  need_packages fonts-dejavu-core
  install_once "$(basename "$nf_vscode_dir")" fill_vscode
}
# code-server's own install script downloads and compiles; these three steps do neither.
fill_vscode() {
  local dir=$1 code=$1/node_modules/code-server/lib/vscode part
  npm_install "$dir" "code-server@$nf_vscode_version" "playwright-core@$playwright_version"
  for part in "$code" "$code/extensions"; do
    quietly "npm install in ${part##*/node_modules/}" \
      npm --prefix "$part" install --omit=dev --legacy-peer-deps --ignore-scripts --no-audit --no-fund --loglevel=error
  done
  [ "$nf_vscode_version" = "$code_server_version" ] || spare_compiled_modules "$dir/node_modules/argon2/argon2.js" "$code/node_modules/@vscode/spdlog/index.js"
  ln -sfn code-linux.sh "$code/bin/remote-cli/code-server"
  ln -sfn browser-linux.sh "$code/bin/helpers/browser.sh"
  # What a language client never touches.
  rm -rf "$code"/node_modules/@github "$code"/node_modules/@devcontainers "$code"/extensions/{copilot,github,github-authentication,microsoft-authentication,mermaid-markdown-features}
}
# spare_compiled_modules ARGON2 SPDLOG: nothing is compiled here, and an older VS Code cannot do without these two: one hashes
# passwords, of which there are none; the other writes logs, and who flushes a log that could not be made turns in circles for ever.
spare_compiled_modules() {
  cat >"$1" <<'JS'
const refuse = async () => { throw new Error('argon2 is not compiled'); };
module.exports = { hash: refuse, verify: refuse };
JS
  cat >"$2" <<'JS'
const nothing = () => {};
class Logger {}
for (const name of ['setLevel', 'setPattern', 'clearFormatters', 'trace', 'debug', 'info', 'warn', 'error', 'critical', 'flush', 'drop']) {
  Logger.prototype[name] = nothing;
}
const create = async () => new Logger();
module.exports = { version: 0, Logger, setLevel: nothing, setFlushOn: nothing, createRotatingLogger: create, createAsyncRotatingLogger: create };
JS
}

# need_neovim SUITE: Neovim of a Debian suite; the program is $(neovim_of SUITE).
need_neovim() {
  nf_suite=$1
  install_once "neovim-$1-$nf_arch" fill_neovim
}
neovim_of() { printf '%s\n' "$nf_cache/neovim-$1-$nf_arch/nvim"; }
fill_neovim() {
  local dir=$1 loader
  debian_suite "$nf_suite" "$dir" neovim
  loader=$(cd "$dir" && find usr -name 'ld-linux*.so.*' | head -n 1)
  [ -n "$loader" ] || die "Debian $nf_suite's libc6 holds no dynamic loader"
  # The suite's C library is newer than the system's, so the program starts through the loader it came with.
  cat >"$dir/nvim" <<WRAP
#!/bin/sh
here=\$(cd "\$(dirname "\$0")" && pwd)
export VIMRUNTIME="\$here/usr/share/nvim/runtime"
exec "\$here/$loader" --library-path "\$here/usr/lib/$nf_arch-linux-gnu" "\$here/usr/bin/nvim" "\$@"
WRAP
  chmod +x "$dir/nvim"
}

# need_helix: Helix of a Debian suite; the program is $nf_helix.
# shellcheck disable=SC2034 # scripts/test starts it
nf_helix=$nf_cache/helix-trixie-$nf_arch/helix
need_helix() {
  install_once "helix-trixie-$nf_arch" fill_helix
}
fill_helix() {
  local dir=$1 loader
  debian_suite trixie "$dir" hx
  loader=$(cd "$dir" && find usr -name 'ld-linux*.so.*' | head -n 1)
  [ -n "$loader" ] || die "Debian trixie's libc6 holds no dynamic loader"
  cat >"$dir/helix" <<WRAP
#!/bin/sh
here=\$(cd "\$(dirname "\$0")" && pwd)
export HELIX_RUNTIME="\$here/usr/lib/hx/runtime"
exec "\$here/$loader" --library-path "\$here/usr/lib/$nf_arch-linux-gnu" "\$here/usr/lib/hx/hx" "\$@"
WRAP
  chmod +x "$dir/helix"
}
