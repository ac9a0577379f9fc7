/** Generates histories. */
import fc from "fast-check";
import { type Fault, faultKinds } from "./faults";
import { consistent, type Edit, type Event, type Feature, type History, letters, type Operated } from "./history";
import { kinds, type Spec } from "./program";

type Has = (feature: Feature) => boolean;

const maxKey = 5;

/** Histories without the features that are named. */
export function histories(without: ReadonlySet<Feature> = new Set()): fc.Arbitrary<History> {
  const has: Has = (feature) => !without.has(feature);
  const program = programs(has);
  return fc.record({
    seed: fc.nat(),
    programs: has("twins")
      ? fc.oneof(fc.tuple(program, program, program), fc.tuple(program, program).map(twins))
      : fc.tuple(program, program, program),
    hidesStates: has("readable backend") ? fc.boolean() : fc.constant(true),
    // Most faults need something that exists.
    beginsWithUp: fc.boolean(),
    events: fc.array(
      fc.oneof(
        { weight: 8, arbitrary: operations(has) },
        ...(has("together") ? [{ weight: 2, arbitrary: together(has) }] : []),
        { weight: 4, arbitrary: edits(has) },
        { weight: 1, arbitrary: fc.record({ event: fc.constant("wait"), seconds: fc.constantFrom(1, 30, 600) }) as fc.Arbitrary<Event> },
        ...otherEvents(has),
      ),
      { minLength: 1, maxLength: 10 },
    ),
  });
}

/** The stacks of one name in two backends have one program. */
const twins = ([first, second]: readonly [Spec[], Spec[]]): [Spec[], Spec[], Spec[]] => [first, second, first];

function specs(has: Has): fc.Arbitrary<Spec> {
  const sometimes = (feature: Feature) => (has(feature) ? fc.nat(4).map((n) => n === 4) : fc.constant(false));
  return fc.record({
    key: fc.nat(maxKey),
    kind: fc.constantFrom(...kinds.filter(has)),
    letter: fc.constantFrom(...letters),
    aliases: fc.constant([]),
    variant: fc.nat(2),
    keeps: has("retain") ? fc.constantFrom("default", "default", "keep", "remove") : fc.constantFrom("default", "remove"),
    ignores: sometimes("ignore"),
    retainOnDelete: has("retain") ? fc.nat(15).map((n) => n === 15) : fc.constant(false),
    isProtected: has("protect") ? fc.nat(15).map((n) => n === 15) : fc.constant(false),
    isSecret: sometimes("secret"),
    isShared: sometimes("shared names"),
  });
}

function programs(has: Has): fc.Arbitrary<Spec[]> {
  const spec = specs(has);
  const any = fc.uniqueArray(spec, { selector: ({ key }) => key, minLength: 1, maxLength: 4 });
  // A conversation with what belongs to it.
  const room = fc.constantFrom(...kinds.filter((kind) => has(kind) && kind.endsWith("conversation")));
  const isMember = (kind: Spec["kind"]) => kind === "webhook" || kind.endsWith("participant") || kind.startsWith("searched");
  const member = fc.constantFrom(...kinds.filter((kind) => has(kind) && isMember(kind)));
  const family = fc
    .tuple(fc.tuple(spec, room), fc.array(fc.tuple(spec, member), { minLength: 1, maxLength: 3 }))
    .map(([first, others]) => [first, ...others].map(([one, kind], key): Spec => ({ ...one, kind, key })));
  return fc.oneof(any, family).map(consistent);
}

/** Mostly the first one: what happens to one stack is a longer story then. */
const stacks = (has: Has) => fc.constantFrom(0, 0, 0, ...(has("second stack") ? [1] : []), ...(has("second backend") ? [2] : []));

/** Two operations at once, of two stacks. */
function together(has: Has): fc.Arbitrary<Event> {
  const others = [...(has("second stack") ? [1] : []), ...(has("second backend") ? [2] : [])];
  const other = fc.constantFrom(...(others.length > 0 ? others : [1]));
  const pace = fc.array(fc.constantFrom(0, 50, 200, 1_000, 5_000, 20_000), { maxLength: 12 });
  return fc.tuple(operations(has), operations(has), other, pace, pace).map(([first, second, stack, ...paces]) => ({
    event: "together",
    operations: [
      { ...first, stack: 0, pace: paces[0] },
      { ...second, stack, pace: paces[1] },
    ],
  }));
}

function operations(has: Has): fc.Arbitrary<Operated> {
  const possible = faultKinds.filter(has);
  const none = fc.constant<Fault[]>([]);
  const lasts = has("long faults") ? fc.option(fc.constantFrom(5, 40, 100, 300), { nil: undefined, freq: 3 }) : fc.constant(undefined);
  const fault = fc.record({ kind: fc.constantFrom(...possible), nth: fc.nat(8), ofWrites: fc.boolean(), lasts });
  const faults = possible.length > 0 ? fc.oneof(none, fc.array(fault, { minLength: 1, maxLength: 2 })) : none;
  const killAt = has("kill") ? fc.option(fc.integer({ min: 1, max: 40 }), { nil: undefined, freq: 2 }) : fc.constant(undefined);
  const target = has("target") ? fc.option(fc.nat(maxKey), { nil: undefined, freq: 8 }) : fc.constant(undefined);
  const event = fc.constantFrom("up" as const, "up" as const, "up" as const, "up" as const, "destroy", "refresh", "preview");
  return fc.record({ event, stack: stacks(has), faults, killAt, target }) as fc.Arbitrary<Operated>;
}

function edits(has: Has): fc.Arbitrary<Event> {
  const withAlias = has("alias") ? fc.boolean() : fc.constant(false);
  const edit = [
    fc.record({ what: fc.constant("add"), spec: specs(has) }),
    fc.record({ what: fc.constant("remove") }),
    fc.record({ what: fc.constant("variant"), variant: fc.nat(2) }),
    fc.record({ what: fc.constant("keeps"), keeps: fc.constantFrom("default", "keep", "remove") }),
    ...(has("ignore") ? [fc.record({ what: fc.constant("ignore") })] : []),
    ...(has("rename")
      ? [
          fc.record({ what: fc.constant("rename"), letter: fc.constantFrom(...letters), withAlias }),
          fc.record({ what: fc.constant("reuse name") }),
        ]
      : []),
  ] as fc.Arbitrary<Edit>[];
  return fc.record({ event: fc.constant("edit"), stack: stacks(has), key: fc.nat(maxKey), edit: fc.oneof(...edit) }) as fc.Arbitrary<Event>;
}

/** What happens beside the operations and the programs. */
function otherEvents(has: Has): { weight: number; arbitrary: fc.Arbitrary<Event> }[] {
  const pick = fc.nat(20);
  const what = fc.constantFrom("conversation", "number", "service");
  const others: [Feature, number, fc.Arbitrary<unknown>][] = [
    ["stack rename", 1, fc.record({ event: fc.constant("rename stack"), stack: stacks(has) })],
    ["application", 2, fc.record({ event: fc.constant("application writes"), pick })],
    ["deletion", 1, fc.record({ event: fc.constant("object is deleted"), pick })],
    ["foreign", 1, fc.record({ event: fc.constant("somebody creates"), what, key: fc.nat(maxKey) })],
    ["clock", 1, fc.record({ event: fc.constant("clock step"), seconds: fc.constantFrom(-3600, -600, -60, 60, 600, 3600) })],
  ];
  return others
    .filter(([feature]) => has(feature))
    .map(([, weight, arbitrary]) => ({ weight, arbitrary: arbitrary as fc.Arbitrary<Event> }));
}
