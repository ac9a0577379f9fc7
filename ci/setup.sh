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
# The engine saves the state after each step, and so it should here: the notes by which an interrupted run is continued are on this machine, which
# most pipelines throw away. "Checkpoints" in docs/performance.md says what is faster, and where that is safe.

# Sets `policy`, the options that check the policies, if there is a policy pack. If the engine cannot start the pack, sets `unchecked` instead, the
# reason with its fix, and prints it.
# shellcheck disable=SC2034
find_policies() {
  policy=() unchecked=
  local pack=${POLICY_PACK:-policy} refusal
  if [ ! -f "$pack/PulumiPolicy.yaml" ]; then return; fi
  refusal=$(refusal_of "$pack/PulumiPolicy.yaml")
  if [ -z "$refusal" ]; then
    policy=(--policy-pack "$pack")
  elif [ -x "$pack/start" ] && [ -z "$(refusal_of "$pack/start")" ]; then
    policy=(--policy-pack "$pack/start")
  else
    unchecked="Pulumi's language host cannot start the policy pack $pack: ${refusal##*: }; fix: install the current Pulumi CLI with its language hosts"
    echo "warning: the policies are not checked, because $unchecked: https://www.pulumi.com/docs/install/" >&2
    return
  fi
  if [ -f "$pack/config.json" ]; then policy+=(--policy-pack-config "$pack/config.json"); fi
}

# Tries whether the engine starts packs with this manifest, or packs that are an executable file. Prints its refusal, or nothing if it does. The tried
# pack is empty, so it fails in every engine; the message tells a refusal from that. A fault of the project's own pack, such as a missing
# dependency, is no refusal: it stops the run.
refusal_of() (
  scratch=$(mktemp -d)
  trap 'rm -rf "$scratch"' EXIT
  tried=$scratch/pack
  if [[ $1 == */start ]]; then
    printf '#!/bin/sh\nexit 1\n' >"$tried"
    chmod +x "$tried"
    refusal='failed to load Pulumi policy project'
  else
    mkdir "$tried"
    cp "$1" "$tried"
    refusal='could not read plugin .*: (not supported|not implemented|unknown method)'
  fi
  cd "$scratch"
  printf 'name: trial\nruntime: nodejs\nmain: index.js\n' >Pulumi.yaml
  touch index.js
  unset PULUMI_ACCESS_TOKEN PULUMI_CONFIG PULUMI_CONFIG_PASSPHRASE_FILE
  export PULUMI_BACKEND_URL="file://$scratch" PULUMI_CONFIG_PASSPHRASE=trial NO_COLOR=1
  pulumi stack init trial --no-select --secrets-provider passphrase --non-interactive >/dev/null 2>&1 || true
  { pulumi preview --stack trial --non-interactive --policy-pack "$tried" 2>&1 || true; } | { grep -oE "$refusal" || true; } | head -n 1
)

# Where the scripts write previews and reports for later steps and for people. Only this user may read them, because they quote the program's values.
results=${CI_RESULTS:-.ci-results}
(umask 077 && mkdir -p "$results")
