# Which Debian 12 packages each purpose needs, and how they get here. Sourced by the other scripts.

packages_build="g++ cmake ninja-build ccache mold pkg-config git ca-certificates
  libboost1.81-dev libssl-dev libsimdjson-dev libdeflate-dev libzstd-dev libbrotli-dev zlib1g-dev libxxhash-dev
  libsqlite3-dev libsodium-dev libre2-dev libfmt-dev libspdlog-dev libtomlplusplus-dev libcli11-dev prometheus-cpp-dev libcurl4-openssl-dev
  libkainjow-mustache-dev"
packages_test="libgtest-dev libgmock-dev libbenchmark-dev
  python3 python3-pytest python3-requests python3-jsonschema python3-sentry-sdk python3-flask python3-django python3-aiosmtpd
  sqlite3 openssl chromium"
packages_demo="python3 python3-sentry-sdk python3-aiosmtpd"
packages_fuzz="clang-19 libclang-rt-19-dev"

say() { printf '\033[1m%s\033[0m\n' "$*" >&2; }

# install_packages NAME… : asks apt only for what is missing.
install_packages() {
  local missing=() name
  for name in "$@"; do
    dpkg-query -W -f='${Status}' "$name" 2>/dev/null | grep -q 'ok installed' || missing+=("$name")
  done
  [ ${#missing[@]} -eq 0 ] && return 0
  local sudo=""
  if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null || { echo "run as root, or install: ${missing[*]}" >&2; return 1; }
    sudo=sudo
  fi
  say "Installing ${#missing[@]} Debian packages"
  $sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "${missing[@]}" >&2 || {
    $sudo apt-get update >&2
    $sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "${missing[@]}" >&2
  }
}

# Node 18 or newer with npm, from Debian only when there is none.
install_node() {
  command -v node >/dev/null && command -v npm >/dev/null && return 0
  install_packages nodejs npm
}
