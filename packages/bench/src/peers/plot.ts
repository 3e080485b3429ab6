// Polls to the right, mean lag upwards, a point a client, for a task that is early, one as documented, and one that is late.
import { OURS } from "./peers.ts";
import type { Results } from "./results.ts";

const PANELS = [20, 60, 180];
const [WIDTH, HEIGHT, LEFT, TOP, GAP, RIGHT] = [230, 240, 54, 44, 40, 36];
/** About the width of a letter. */
const LETTER = 5.2;
const POLLS = [1, 10, 100, 500];
const LAGS = [0.1, 1, 10];
const [MOST_POLLS, LEAST_LAG, MOST_LAG] = [1_000, 0.05, 20];
const [OWN, OTHER, TEXT, GRID] = ["#0b7285", "#868e96", "#343a40", "#dee2e6"];

export function plot({ peers }: Results): string {
  const panels = PANELS.map((seconds, index) => {
    const left = LEFT + index * (WIDTH + GAP);
    const points = peers.flatMap(({ name, lag }) =>
      lag.flatMap(({ form, rows }) => {
        if (form === "quickStart" && lag.some((other) => other.form === "best")) return [];
        const row = rows.find((one) => one.seconds === seconds);
        if (!row) return [];
        const label = form === "after five ends" ? "after five ends" : name;
        return [{ label, isOwn: name === OURS, px: left + x(row.polls), py: TOP + y(row.lagMs / 1_000) }];
      }),
    );
    return [
      `<text x="${left}" y="${TOP - 16}" font-size="13" font-weight="600">A task of ${seconds} s</text>`,
      ...grid(left, index === 0),
      ...labelled(points, left),
    ].join("\n");
  });
  const width = LEFT + PANELS.length * (WIDTH + GAP) - GAP + RIGHT;
  const height = TOP + HEIGHT + 52;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" font-family="system-ui, sans-serif" font-size="10" fill="${TEXT}">
<title>How often each client polls, and how late it sees a task's end</title>
<rect width="100%" height="100%" fill="#ffffff"/>
${panels.join("\n")}
<text x="${width / 2}" y="${height - 10}" text-anchor="middle">polls of the task</text>
<text transform="translate(16 ${TOP + HEIGHT / 2}) rotate(-90)" text-anchor="middle">mean lag, s</text>
</svg>
`;
}

type Point = { label: string; isOwn: boolean; px: number; py: number };

/** Labels go down where they would lie on each other. */
function labelled(points: readonly Point[], left: number): string[] {
  let last = -Infinity;
  return points
    .toSorted((a, b) => a.py - b.py)
    .map(({ label, isOwn, px, py }) => {
      last = Math.max(py + 3, last + 11);
      const color = isOwn ? OWN : OTHER;
      const isRoom = px + 7 + LETTER * label.length < left + WIDTH + GAP;
      const [tx, anchor] = isRoom ? [px + 7, "start"] : [px - 7, "end"];
      return `<circle cx="${fixed(px)}" cy="${fixed(py)}" r="4" fill="${color}"/><text x="${fixed(tx)}" y="${fixed(last)}" text-anchor="${anchor}" fill="${color}">${label}</text>`;
    });
}

const grid = (left: number, hasLabels: boolean): string[] => [
  ...POLLS.map((polls) => {
    const at = fixed(left + x(polls));
    return `<line x1="${at}" y1="${TOP}" x2="${at}" y2="${TOP + HEIGHT}" stroke="${GRID}"/><text x="${at}" y="${TOP + HEIGHT + 14}" text-anchor="middle">${polls}</text>`;
  }),
  ...LAGS.map((lag) => {
    const at = fixed(TOP + y(lag));
    const label = hasLabels ? `<text x="${left - 6}" y="${Number(at) + 4}" text-anchor="end">${lag}</text>` : "";
    return `<line x1="${left}" y1="${at}" x2="${left + WIDTH}" y2="${at}" stroke="${GRID}"/>${label}`;
  }),
];

const share = (value: number, low: number, high: number) => Math.log(value / low) / Math.log(high / low);
const within = (value: number) => Math.min(1, Math.max(0, value));
const x = (polls: number) => WIDTH * within(share(Math.max(polls, 1), 1, MOST_POLLS));
const y = (lag: number) => HEIGHT * (1 - within(share(Math.max(lag, LEAST_LAG), LEAST_LAG, MOST_LAG)));
const fixed = (value: number) => value.toFixed(1);
