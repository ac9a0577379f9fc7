#!/usr/bin/env bash
# Sourced by the other scripts: changes to the project's folder, and adds the project's commands and Pulumi to the PATH.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

# Prints the comment at the head of the running script and exits.
usage() {
  sed -n '2,/^$/s/^# \{0,1\}//p' "$0" >&2
  exit 1
}

# Runs the package's CLI by the package's name: node_modules/.bin has no executable if the package itself is the project.
twilio_conversations() {
  node "$(node -p 'require.resolve("pulumi-twilio-conversations/cli")')" "$@"
}

# Prints the full name of a stack. On Pulumi Cloud, PULUMI_ORGANIZATION is its organization.
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

# Uses the policy pack, if there is one, with the settings in policy/config.json.
# shellcheck disable=SC2034
policy=()
pack=${POLICY_PACK:-policy}
# shellcheck disable=SC2034
if [ -f "$pack/PulumiPolicy.yaml" ]; then
  policy=(--policy-pack "$pack")
  if [ -f "$pack/config.json" ]; then policy+=(--policy-pack-config "$pack/config.json"); fi
fi

# The folder for previews and reports, for later steps and for people.
# shellcheck disable=SC2034
results=${CI_RESULTS:-.ci-results}
mkdir -p "$results"
