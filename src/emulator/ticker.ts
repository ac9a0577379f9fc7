import type { Domain } from "./domain";

const SECOND_MS = 1000;
/** An accelerated clock needs more checks, but not more than these. */
const MIN_MS = 20;

/** Does the work every second of the domain's clock, without keeping the process alive. Returns the function that ends it. */
export function everySecond(domain: Domain, work: () => void): () => void {
  let timer: NodeJS.Timeout;
  const wait = () => {
    timer = setTimeout(tick, Math.max(MIN_MS, SECOND_MS / domain.time.speed)).unref();
  };
  const tick = () => {
    work();
    wait();
  };
  wait();
  return () => clearTimeout(timer);
}
