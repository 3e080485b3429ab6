// `npm run bench stores`: what a video costs each store, and how fast each finds what is open.
import { sayNowAndThen } from "./progress.ts";
import { databases, setUpDatabases, type Database, type Opened } from "./stores/databases.ts";
import { fill, measureListing, measurePruning, ONE_IN } from "./stores/listing.ts";
import { costs, hows, measureLives, measureRate, type Cost, type How } from "./stores/submits.ts";
import { printTable, save } from "./tables.ts";

/** What is promised: the open rows of 100,000 within this; and so many trips with the hint, one of them for the store's clock. */
const LISTED_MS = 100;
const TRIPS = 7;
const ROWS = 100_000;
const AT_ONCE = 32;

type StoresOptions = { isQuick?: boolean };
type Measured = {
  database: Database;
  hasTrips: boolean;
  costs: Record<How, Cost>;
  rates: number[];
  listings: number[];
  pruneMs?: number | undefined;
};

export async function benchStores({ isQuick = false }: StoresOptions = {}): Promise<number> {
  setUpDatabases();
  const say = sayNowAndThen((text) => console.log(`  ${text}`));
  const [rounds, forMs] = isQuick ? [2, 300] : [5, 800];
  const opened: { database: Database; store: Opened; measured: Measured }[] = [];
  try {
    for (const database of Object.values(databases)) {
      say(`${database.name} starts`);
      const store = await database.open();
      const hasTrips = store.trips !== undefined;
      opened.push({ database, store, measured: { database, hasTrips, costs: costs(), rates: [], listings: [] } });
    }
    for (let round = 0; round < rounds; round++)
      for (const { database, store, measured } of opened) {
        say(`round ${round + 1} of ${rounds}: ${database.name}`);
        for (const how of hows) await measureLives(store, how, measured.costs[how], forMs);
        measured.rates.push(await measureRate(store, AT_ONCE, forMs));
      }
    for (const one of opened) await one.store.close();
    for (const one of opened) {
      say(`${ROWS} rows in ${one.database.name}`);
      one.store = await one.database.open();
      await fill(one.store, ROWS);
      for (let round = 0; round < (isQuick ? 5 : 11); round++)
        one.measured.listings.push(await measureListing(one.store, 1 + ROWS / ONE_IN));
      one.measured.pruneMs = await measurePruning(one.store, 1 + ROWS - ROWS / ONE_IN);
      await one.store.close();
    }
  } finally {
    for (const { store } of opened) await store.close().catch(() => {});
  }
  return report(opened.map(({ measured }) => measured));
}

/** At this part of the sorted figures: 0.5 is the median. */
const at = (part: number, figures: readonly number[]): number =>
  figures.toSorted((a, b) => a - b)[Math.floor(part * figures.length)] ?? Number.NaN;
const median = (figures: readonly number[]) => at(0.5, figures);

function report(all: readonly Measured[]): number {
  const each = (part: (cost: Cost) => string) => (measured: Measured) => hows.map((how) => part(measured.costs[how]));
  const table = (title: string, row: (measured: Measured) => string[], columns: readonly string[]) =>
    printTable(
      title,
      ["", ...columns],
      all.map((measured) => [measured.database.name, ...row(measured)]),
    );
  table(
    "Trips of a submit + of its end (median)",
    (measured) =>
      measured.hasTrips
        ? each(({ submitTrips, endTrips }) => `${median(submitTrips)} + ${median(endTrips)}`)(measured)
        : hows.map(() => "–"),
    hows,
  );
  const ms = (figures: readonly number[], part = 0.5) => at(part, figures).toFixed(2);
  // On a machine that does other things, too, the fastest tenth tells more of a store than the median.
  for (const [part, name] of [
    [0.5, "median"],
    [0.1, "the fastest tenth takes less"],
  ] as const)
    table(
      `Milliseconds of a submit / of its end, one at a time, with a vendor that answers at once (${name})`,
      each(({ submitMs, endMs }) => `${ms(submitMs, part)} / ${ms(endMs, part)}`),
      hows,
    );
  table(`Videos a second, ${AT_ONCE} at a time, with the hint`, ({ rates }) => [median(rates).toFixed(0)], [
    "a second",
  ]);
  const listed = ({ listings, pruneMs }: Measured) => [
    ms(listings),
    Math.max(...listings).toFixed(1),
    pruneMs?.toFixed(0) ?? "–",
  ];
  table(`Milliseconds to list the 1,001 open rows of ${ROWS}, and to prune the others`, listed, [
    "median",
    "slowest",
    "prune",
  ]);
  save("stores", all);

  const broken = all.flatMap(({ database: { name, isStandIn }, hasTrips, costs, listings }) => {
    const { submitTrips, endTrips } = costs["with the hint"];
    const tooMany = hasTrips && median(submitTrips) + median(endTrips) > TRIPS;
    const tooSlow = !isStandIn && !(median(listings) <= LISTED_MS);
    return [
      ...(tooMany ? [`${name}: more than ${TRIPS} trips with the hint`] : []),
      ...(tooSlow ? [`${name}: open rows are listed in ${ms(listings)} ms, not in ${LISTED_MS}`] : []),
    ];
  });
  for (const one of broken) console.log(`Dearer than promised: ${one}`);
  return broken.length === 0 ? 0 : 1;
}
