// What was paid, and what is left.
import { balances, ledger } from "./emulator.ts";
import { usd } from "./format.ts";
import { Pieces } from "./parts.tsx";
import { link } from "./route.ts";

export function Balances() {
  return (
    <dl class="balances">
      {balances.value.map(({ vendor, usd: left, spentUsd }) => (
        <div key={vendor}>
          <dt>{vendor}</dt>
          <dd>
            {usd(left)} <span class="spent">spent {usd(spentUsd)}</span>
          </dd>
        </div>
      ))}
    </dl>
  );
}

export function Ledger() {
  const entries = [...ledger.value.values()].toSorted((a, b) => b.id - a.id);
  return (
    <section class="list wide" aria-labelledby="ledger-title">
      <h2 id="ledger-title">
        Ledger <span class="count">{entries.length}</span>
      </h2>
      <Pieces items={entries} empty="Nothing was charged yet.">
        {(entry) => (
          <li key={entry.id} class="row flat">
            <span class="line">
              <span class={`kind ${entry.kind}`}>{entry.kind}</span>
              <span class="amount">{usd(entry.usd)}</span>
              <span class="vendor">{entry.vendor}</span>
              <a href={link("tasks", entry.taskId)}>{entry.taskId}</a>
            </span>
          </li>
        )}
      </Pieces>
    </section>
  );
}
