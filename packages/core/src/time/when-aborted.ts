type Watch = { readonly works: Set<() => void>; readonly tell: () => void };
const NOTHING = () => {};
const watches = new WeakMap<AbortSignal, Watch>();

/**
 * Runs `work` when the signal aborts, which it has not yet; the returned function takes that back. A signal gets one
 * listener, however many wait for it: an `EventTarget` looks through all of its listeners with each new one.
 */
export function whenAborted(signal: AbortSignal | undefined, work: () => void): () => void {
  if (!signal) return NOTHING;
  const watch = watches.get(signal) ?? begin(signal);
  const own = () => work(); // the same function may be given twice
  watch.works.add(own);
  return () => {
    if (!watch.works.delete(own) || watch.works.size > 0 || watches.get(signal) !== watch) return;
    watches.delete(signal);
    signal.removeEventListener("abort", watch.tell);
  };
}

function begin(signal: AbortSignal): Watch {
  const works = new Set<() => void>();
  const tell = () => {
    watches.delete(signal);
    for (const work of works) work();
  };
  const watch = { works, tell };
  watches.set(signal, watch);
  signal.addEventListener("abort", tell, { once: true });
  return watch;
}
