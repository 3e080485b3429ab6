// The figures as an SVG: polls per task to the right, mean lag upwards, both logarithmic.
import type { Compared } from "./compare.ts";
import type { Point } from "./schedules.ts";

const [WIDTH, HEIGHT, GAP] = [300, 260, 62];
const TOP = 44;
const COLORS = { ours: "#0b7285", other: "#868e96", text: "#343a40", grid: "#dee2e6" };

const LEGEND =
  "Left and down is better. Grey: evenly spaced polls. Large dot: a wait of vidtask. Line: the same schedule, if a poll were worth more or less lag.";

type Scale = { x(polls: number): number; y(lagMs: number): number };
type Range = { x: [number, number]; y: [number, number] };

export function plot(compared: readonly Compared[]): string {
  const width = GAP + compared.length * (WIDTH + GAP);
  const height = TOP + HEIGHT + 80;
  const panels = compared.map((one, index) => panel(one, GAP + index * (WIDTH + GAP)));
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" font-family="system-ui, sans-serif" font-size="11" fill="${COLORS.text}">
<title>Polls per task against mean lag: the schedule of vidtask lies below the fixed and the documented ones</title>
<rect width="100%" height="100%" fill="#ffffff"/>
${panels.join("\n")}
<text x="${GAP}" y="${height - 14}">${LEGEND}</text>
</svg>
`;
}

function panel({ name, frontier, chosen, pairs }: Compared, left: number): string {
  const line = [...frontier, ...pairs.map(({ ours }) => ours)].toSorted((a, b) => a.polls - b.polls);
  const rest = pairs.map(({ other }) => other);
  const range = rangeOf([...line, ...rest]);
  const scale: Scale = {
    x: (polls) => left + WIDTH * share(polls, range.x),
    y: (lagMs) => TOP + HEIGHT * (1 - share(lagMs / 1000, range.y)),
  };
  const path = line.map((point, index) => `${index === 0 ? "M" : "L"}${at(point, scale)}`).join(" ");
  const [x, y] = [scale.x(chosen.polls), scale.y(chosen.lagMs)];
  return [
    `<text x="${left}" y="${TOP - 18}" font-size="13" font-weight="600">${escape(name)}</text>`,
    ...grid(range, scale, left),
    `<path d="${path}" fill="none" stroke="${COLORS.ours}" stroke-width="2"/>`,
    ...rest.map((point) => dot(point, scale)),
    `<circle cx="${fixed(x)}" cy="${fixed(y)}" r="5" fill="${COLORS.ours}"/>`,
    `<text x="${fixed(x + 4)}" y="${fixed(y - 9)}" fill="${COLORS.ours}" font-weight="600">vidtask</text>`,
    `<text x="${left + WIDTH / 2}" y="${TOP + HEIGHT + 36}" text-anchor="middle">polls per task</text>`,
    `<text transform="translate(${left - 40} ${TOP + HEIGHT / 2}) rotate(-90)" text-anchor="middle">mean lag, s</text>`,
  ].join("\n");
}

function dot({ name, polls, lagMs }: Point, scale: Scale): string {
  const [x, y] = [scale.x(polls), scale.y(lagMs)];
  const isDocumented = name.startsWith("as documented");
  const label = isDocumented ? "documented" : name.replace("every ", "");
  const place = isDocumented ? `x="${fixed(x - 22)}" y="${fixed(y - 9)}"` : `x="${fixed(x + 7)}" y="${fixed(y + 4)}"`;
  const circle = `<circle cx="${fixed(x)}" cy="${fixed(y)}" r="4" fill="${COLORS.other}"/>`;
  return `${circle}<text ${place}>${escape(label)}</text>`;
}

function grid(range: Range, scale: Scale, left: number): string[] {
  const line = (x1: number, y1: number, x2: number, y2: number) =>
    `<line x1="${fixed(x1)}" y1="${fixed(y1)}" x2="${fixed(x2)}" y2="${fixed(y2)}" stroke="${COLORS.grid}"/>`;
  return [
    ...ticks(range.x).flatMap((value) => [
      line(scale.x(value), TOP, scale.x(value), TOP + HEIGHT),
      `<text x="${fixed(scale.x(value))}" y="${TOP + HEIGHT + 16}" text-anchor="middle">${value}</text>`,
    ]),
    ...ticks(range.y).flatMap((value) => [
      line(left, scale.y(value * 1000), left + WIDTH, scale.y(value * 1000)),
      `<text x="${left - 6}" y="${fixed(scale.y(value * 1000) + 4)}" text-anchor="end">${value}</text>`,
    ]),
  ];
}

const TICKS = [0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000];
const ticks = ([low, high]: [number, number]) => TICKS.filter((value) => value >= low && value <= high);

function rangeOf(points: readonly Point[]): Range {
  const around = (values: readonly number[]): [number, number] => [
    Math.min(...values) / 1.3,
    Math.max(...values) * 1.6,
  ];
  return { x: around(points.map(({ polls }) => polls)), y: around(points.map(({ lagMs }) => lagMs / 1000)) };
}

const share = (value: number, [low, high]: [number, number]): number => Math.log(value / low) / Math.log(high / low);
const fixed = (value: number): string => value.toFixed(1);
const at = ({ polls, lagMs }: Point, scale: Scale): string => `${fixed(scale.x(polls))} ${fixed(scale.y(lagMs))}`;
const escape = (text: string): string => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
