#!/usr/bin/env bash
# The other scripts source this file: it changes to the project's folder, and puts the project's commands and Pulumi on the PATH.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

# Prints the comment at the start of the running script, and exits.
usage() {
  sed -n '2,/^$/s/^# \{0,1\}//p' "$0" >&2
  exit 1
}

# Runs the package's command line by the package's name: where the package itself is the project, node_modules/.bin has no executable for it.
twilio_conversations() {
  node "$(node -p 'require.resolve("pulumi-twilio-conversations/cli")')" "$@"
}

# The full name of a stack: in Pulumi Cloud, PULUMI_ORGANIZATION is its organization.
stack_named() {
  printf '%s\n' "${PULUMI_ORGANIZATION:+$PULUMI_ORGANIZATION/}$1"
}

# Creates the stack if it does not exist. SECRETS_PROVIDER encrypts its secrets: passphrase, awskms://…, gcpkms://…, …
ensure_stack() {
  if ! pulumi stack --stack "$1" --show-name --non-interactive >/dev/null 2>&1; then
    pulumi stack init "$1" --no-select --secrets-provider "${SECRETS_PROVIDER:-default}" --non-interactive
  fi
}

engine=$(ci/engine)
export PATH="$PWD/node_modules/.bin:$engine:$PATH"
export PULUMI_SKIP_UPDATE_CHECK=true

# Checks policies if there is a policy pack, with the configuration in policy/config.json.
# shellcheck disable=SC2034
policy=()
pack=${POLICY_PACK:-policy}
# shellcheck disable=SC2034
if [ -f "$pack/PulumiPolicy.yaml" ]; then
  policy=(--policy-pack "$pack")
  if [ -f "$pack/config.json" ]; then policy+=(--policy-pack-config "$pack/config.json"); fi
fi

# Where the scripts write previews and reports for later steps and for people.
# shellcheck disable=SC2034
results=${CI_RESULTS:-.ci-results}
mkdir -p "$results"
