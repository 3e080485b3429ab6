// The second table as an SVG: what a task really takes to the right, mean lag upwards, both logarithmic.
import { TRUE_SECONDS, type Row } from "./compare.ts";

const [WIDTH, HEIGHT] = [560, 300];
const [LEFT, TOP, RIGHT] = [60, 44, 150];
const TEXT = "#343a40";
const GRID = "#dee2e6";
const COLORS: { readonly [schedule: string]: string } = {
  vidtask: "#0b7285",
  "after five ends": "#1098ad",
  "every 5 s": "#868e96",
  "as documented": "#e8590c",
};
const LAGS = [0.5, 1, 2, 5, 10, 20, 50];
const [LOW, HIGH] = [0.4, 60];

export function plot(rows: readonly Row[]): string {
  const lines = Object.entries(COLORS).map(([name, color]) => line(name, color, rows));
  const [width, height] = [LEFT + WIDTH + RIGHT, TOP + HEIGHT + 56];
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" font-family="system-ui, sans-serif" font-size="11" fill="${TEXT}">
<title>How late the end of a task is seen, by how long it really takes, where 50 to 70 s are documented</title>
<rect width="100%" height="100%" fill="#ffffff"/>
<text x="${LEFT}" y="${TOP - 18}" font-size="13" font-weight="600">Documented: 50 to 70 s</text>
${grid().join("\n")}
${lines.join("\n")}
<text x="${LEFT + WIDTH / 2}" y="${TOP + HEIGHT + 40}" text-anchor="middle">true duration, s</text>
<text transform="translate(18 ${TOP + HEIGHT / 2}) rotate(-90)" text-anchor="middle">mean lag, s</text>
</svg>
`;
}

function line(name: string, color: string, rows: readonly Row[]): string {
  const points = rows.map(({ points: { [name]: point } }, index) => {
    return [x(TRUE_SECONDS[index] ?? 1), y((point?.lagMs ?? 0) / 1000)] as const;
  });
  const path = points.map(([px, py], index) => `${index === 0 ? "M" : "L"}${px} ${py}`).join(" ");
  const [lastX, lastY] = points.at(-1) ?? ["0", "0"];
  return `<path d="${path}" fill="none" stroke="${color}" stroke-width="2"/><text x="${fixed(Number(lastX) + 8)}" y="${fixed(Number(lastY) + 4)}" fill="${color}">${name}</text>`;
}

const grid = (): string[] => [
  ...TRUE_SECONDS.flatMap((seconds) => [
    rule(x(seconds), fixed(TOP), x(seconds), fixed(TOP + HEIGHT)),
    `<text x="${x(seconds)}" y="${TOP + HEIGHT + 16}" text-anchor="middle">${seconds}</text>`,
  ]),
  ...LAGS.flatMap((lag) => [
    rule(fixed(LEFT), y(lag), fixed(LEFT + WIDTH), y(lag)),
    `<text x="${LEFT - 6}" y="${fixed(Number(y(lag)) + 4)}" text-anchor="end">${lag}</text>`,
  ]),
];

const rule = (x1: string, y1: string, x2: string, y2: string) =>
  `<line x1="${x1}" y1="${y1}" x2="${x2}" y2="${y2}" stroke="${GRID}"/>`;
const share = (value: number, low: number, high: number): number => Math.log(value / low) / Math.log(high / low);
const fixed = (value: number): string => value.toFixed(1);
const x = (seconds: number): string => fixed(LEFT + WIDTH * share(seconds, 10, 400));
const y = (lag: number): string =>
  fixed(TOP + HEIGHT * (1 - Math.min(1, Math.max(0, share(Math.max(lag, LOW), LOW, HIGH)))));
