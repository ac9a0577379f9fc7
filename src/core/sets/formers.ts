import type { Definition } from "../lifecycle/definition";
import { identifying } from "../lifecycle/pending-create";
import { get, type Props } from "../lifecycle/props";

/** An object that this stack has, and that the program no longer declares where it was. */
export interface Former {
  readonly key: string;
  readonly id: string;
  readonly outputs: Props;
  /** The URN of what has it in the state: a set, or a resource of the same kind whose name is the key. */
  readonly owner: string;
}

/** Objects by what they are looked for. A set may have thousands, each of which another set may look for. */
export class Formers {
  private readonly ids: ReadonlyMap<string, readonly Former[]>;
  private readonly keys: ReadonlyMap<string, readonly Former[]>;
  private readonly places: ReadonlyMap<string, readonly Former[]>;

  constructor(
    private readonly item: Definition,
    formers: readonly Former[],
  ) {
    this.ids = Map.groupBy(formers, ({ id }) => id);
    this.keys = Map.groupBy(formers, ({ key }) => key);
    this.places = Map.groupBy(formers, ({ outputs }) => placeKey(item, outputs));
  }

  get isEmpty(): boolean {
    return this.ids.size === 0;
  }

  withId(id: string): readonly Former[] {
    return this.ids.get(id) ?? [];
  }

  withKey(key: string): readonly Former[] {
    return this.keys.get(key) ?? [];
  }

  /** Those with the identifying values of an item, whether or not these make it the only one. */
  inPlaceOf(news: Props): readonly Former[] {
    return this.places.get(placeKey(this.item, news)) ?? [];
  }
}

/** What identifies an object of a kind, as a key of a map. */
export const placeKey = ({ list }: Definition, props: Props): string =>
  JSON.stringify(list ? identifying(list).map((property) => get(props, property) ?? null) : []);
