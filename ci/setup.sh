#!/usr/bin/env bash
# Sourced by the scripts beside it: goes to the project's folder and puts the project's own commands and Pulumi on the PATH.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

# Prints the comment at the head of the script that runs, and ends it.
usage() {
  sed -n '2,/^$/s/^# \{0,1\}//p' "$0" >&2
  exit 1
}

# The package's command line, by the package's name: an executable in node_modules/.bin is not there where the package itself is the project.
twilio_conversations() {
  node "$(node -p 'require.resolve("pulumi-twilio-conversations/cli")')" "$@"
}

# The whole name of a stack: in Pulumi Cloud, PULUMI_ORGANIZATION says whose it is.
stack_named() {
  printf '%s\n' "${PULUMI_ORGANIZATION:+$PULUMI_ORGANIZATION/}$1"
}

# Makes the stack if it is not there yet. SECRETS_PROVIDER says what encrypts its secrets: passphrase, awskms://…, gcpkms://…, …
make_sure_of_stack() {
  if ! pulumi stack --stack "$1" --show-name --non-interactive >/dev/null 2>&1; then
    pulumi stack init "$1" --no-select --secrets-provider "${SECRETS_PROVIDER:-default}" --non-interactive
  fi
}

engine=$(ci/engine)
export PATH="$PWD/node_modules/.bin:$engine:$PATH"
export PULUMI_SKIP_UPDATE_CHECK=true

# Policies are checked where there is a pack, as policy/config.json has them.
# shellcheck disable=SC2034
policy=()
pack=${POLICY_PACK:-policy}
# shellcheck disable=SC2034
if [ -f "$pack/PulumiPolicy.yaml" ]; then
  policy=(--policy-pack "$pack")
  if [ -f "$pack/config.json" ]; then policy+=(--policy-pack-config "$pack/config.json"); fi
fi

# What the scripts leave for later steps and for people: previews and reports.
# shellcheck disable=SC2034
results=${CI_RESULTS:-.ci-results}
mkdir -p "$results"
