// How faithful the emulator is, vendor by vendor.
import { fidelity } from "./emulator.ts";

export function FidelityView() {
  return (
    <section class="list wide" aria-labelledby="fidelity-title">
      <h2 id="fidelity-title">How faithful it is</h2>
      <p>All of it is from the vendors' pages; nothing was observed on the live services.</p>
      {fidelity.value.map(({ vendor, rows }) => (
        <div key={vendor}>
          <h3 id={`fidelity-${vendor}`}>{vendor}</h3>
          <ul class="fidelity" aria-labelledby={`fidelity-${vendor}`}>
            {rows.map(({ what, mark, does, other }) => (
              <li key={what}>
                <span class="what">{what}</span>
                <span class={`mark ${mark}`}>{mark}</span>
                <span>{does}</span>
                {other === undefined ? <span /> : <span class="other">Other reading: {other}</span>}
              </li>
            ))}
          </ul>
        </div>
      ))}
    </section>
  );
}
