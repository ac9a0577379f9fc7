/**
 * What the provider text in every resource's state loads: one dynamic provider for each resource type. The names never change, because the
 * engine reads and deletes with what the state names.
 */

import { catalog, sets } from "./catalog";
import { resourceName } from "./core/lifecycle/check";
import { identityKey } from "./core/lifecycle/identity";
import { holderInBackend, placeFinder, resourcesOfStack } from "./core/process/backend";
import { cancellation } from "./core/process/cancellation";
import { endOfRun } from "./core/process/end-of-run";
import { engineRequests } from "./core/process/engine-requests";
import { engineAddress, engineLog } from "./core/process/log";
import { noteStores } from "./core/process/notes";
import { quietPlugin } from "./core/process/plugin-errors";
import { type DynamicProvider, providers } from "./core/provider/dynamic-provider";

const providerOf = providers({
  environment: {
    env: process.env,
    cwd: process.cwd(),
    // Loaded on demand, because a run against the real Twilio does not need it.
    openEmbedded: async (stateDir) => (await import("./emulator")).attachEmulator(stateDir),
  },
  log: engineLog,
  openNotes: noteStores(),
  cancelled: cancellation(engineAddress()),
  ended: endOfRun(process.env),
  holderInBackend: (id, own) => holderInBackend(id, own, { env: process.env, cwd: process.cwd() }),
  resourcesOfStack: (urn) => resourcesOfStack(urn, { env: process.env, cwd: process.cwd() }),
  placeOf: placeFinder({ env: process.env, cwd: process.cwd() }),
  requestAbout: engineRequests(identityKey),
  onError: quietPlugin(),
  // A program declares most of its resources at once. Only a stack without resources waits this long, and only once.
  accountWait: { quietMs: 250, maxMs: 2000 },
});

/** The form in which the engine's plugin expects a provider. */
interface Handle {
  handler(): DynamicProvider;
}

/** The handle of each type, under the name that states contain, such as `PhoneNumber`. */
const handles: Readonly<Record<string, Handle>> = Object.fromEntries(
  [...catalog, ...sets].map((definition) => {
    const provider = providerOf(definition);
    return [resourceName(definition), { handler: () => provider }];
  }),
);

export = handles;
