import { isTaskId, type Adapter } from "../vendor.ts";

/**
 * A task id from a damaged answer to a paid POST. The text is completed as JSON from its last whole value backwards,
 * and the adapter looks at its documented place: an id whose closing quote did not arrive is never found.
 */
export function candidateId(adapter: Adapter, text: string): string | undefined {
  for (const end of ends(text)) {
    try {
      const id: unknown = adapter.submitted(JSON.parse(text.slice(0, end) + closers(text.slice(0, end)))).id;
      if (isTaskId(adapter, id)) return id;
    } catch {
      // Not whole at this point: try an earlier one.
    }
  }
  return undefined;
}

// Positions after which a JSON value may be complete, last first; an answer with an id is short.
function ends(text: string): number[] {
  const positions = Array.from(text.slice(0, 16_384).matchAll(/["}\]]/g), (match) => match.index + 1);
  return positions.toReversed().slice(0, 64);
}

function closers(text: string): string {
  const open: string[] = [];
  for (const [token] of text.matchAll(/"(?:[^"\\]|\\.)*"|[{}[\]]/g)) {
    if (token === "{") open.push("}");
    else if (token === "[") open.push("]");
    else if (token === "}" || token === "]") open.pop();
  }
  return open.toReversed().join("");
}
