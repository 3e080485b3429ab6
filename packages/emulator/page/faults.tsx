// What goes wrong next, and the time.
import { useState } from "preact/hooks";
import { change, faults, root } from "./emulator.ts";

const PLACES = ["submit", "poll", "download", "callback"];

export function Faults() {
  const [on, setOn] = useState("submit");
  const [kind, setKind] = useState("");
  const [vendor, setVendor] = useState("");
  const [times, setTimes] = useState("1");
  const kinds = root.value.faults
    .filter((fault) => fault.on.includes(on))
    .map((fault) => fault.kind)
    .toSorted(lettersFirst);
  const codes = [...new Set(root.value.vendors.flatMap(({ failCodes }) => failCodes))];
  const all = on === "submit" || on === "poll" ? [...kinds, ...codes.map((code) => `fail:${code}`)] : kinds;
  const chosen = all.includes(kind) ? kind : (all[0] ?? "");
  const add = (event: Event) => {
    event.preventDefault();
    const fault = { on, kind: chosen, times: times === "" ? null : Number(times), ...(vendor !== "" && { vendor }) };
    void change("POST", "/faults", fault, `${chosen} waits for the next ${on}`);
  };
  return (
    <section class="list wide" aria-labelledby="faults-title">
      <h2 id="faults-title">Faults</h2>
      <form class="find" onSubmit={add}>
        <label class="field">
          <span>On the next</span>
          <select value={on} onChange={(event) => setOn(event.currentTarget.value)}>
            {PLACES.map((place) => (
              <option key={place}>{place}</option>
            ))}
          </select>
        </label>
        <label class="field">
          <span>What goes wrong</span>
          <select value={chosen} onChange={(event) => setKind(event.currentTarget.value)}>
            {all.map((name) => (
              <option key={name}>{name}</option>
            ))}
          </select>
        </label>
        <label class="field">
          <span>Vendor</span>
          <select value={vendor} onChange={(event) => setVendor(event.currentTarget.value)}>
            <option value="">any</option>
            {root.value.vendors.map(({ name }) => (
              <option key={name}>{name}</option>
            ))}
          </select>
        </label>
        <label class="field">
          <span>How often</span>
          <select value={times} onChange={(event) => setTimes(event.currentTarget.value)}>
            <option value="1">once</option>
            <option value="3">3 times</option>
            <option value="">until removed</option>
          </select>
        </label>
        <button type="submit" class="main">
          Switch on
        </button>
      </form>
      {faults.value.length === 0 ? (
        <p class="empty">No fault waits.</p>
      ) : (
        <>
          <ol class="rows">
            {faults.value.map((fault) => (
              <li key={fault.id} class="row flat">
                <span class="line">
                  <span class="fault">{fault.kind}</span>
                  <span>
                    on {fault.on}
                    {fault.vendor === undefined ? "" : ` of ${fault.vendor}`}, {fault.left ?? "no end of"}{" "}
                    {fault.left === 1 ? "time" : "times"}
                  </span>
                  <button
                    type="button"
                    class="plain"
                    onClick={() => void change("DELETE", `/faults/${fault.id}`, undefined, "The fault is removed")}
                  >
                    Remove <span class="hidden">{fault.kind}</span>
                  </button>
                </span>
              </li>
            ))}
          </ol>
          <button type="button" onClick={() => void change("DELETE", "/faults", undefined, "All faults are removed")}>
            Remove all
          </button>
        </>
      )}
    </section>
  );
}

const lettersFirst = (a: string, b: string) => Number(/^\d/.test(a)) - Number(/^\d/.test(b)) || a.localeCompare(b);

const STEPS = [
  ["10 s", 10_000],
  ["1 min", 60_000],
  ["1 h", 3_600_000],
  ["1 day", 86_400_000],
] as const;

export function MoveClock() {
  return (
    <div class="actions" role="group" aria-label="Move the clock">
      {STEPS.map(([label, ms]) => (
        <button
          key={label}
          type="button"
          onClick={() => void change("POST", "/clock/advance", { ms }, `The clock was moved by ${label}`)}
        >
          + {label}
        </button>
      ))}
    </div>
  );
}
