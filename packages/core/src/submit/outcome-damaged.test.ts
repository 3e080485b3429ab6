import * as fc from "fast-check";
import { expect, test } from "vitest";
import * as z from "zod/mini";
import { acme } from "../test/acme.ts";
import { taskId } from "../vendor-spec/wire.ts";
import { candidateId } from "./outcome.ts";

const nested = {
  ...acme,
  submit: { ...acme.submit, read: (body: unknown) => ({ id: z.parse(shape, body).data.taskId }) },
};
const shape = z.object({ data: z.object({ taskId }) });

const bodies = [
  '{"code":200,"message":"success","data":{"taskId":"task_12345678"}}',
  '{"data":{"taskId":"task_12345678","model":"a","tags":["x","y"]},"code":200}',
  '{\n  "log": ["{\\"data\\":{\\"taskId\\":\\"wrong\\"}}", "}]"],\n  "data": {\n    "taskId" : "task_12345678"\n  }\n}',
  '{"taskId":"wrong","note":"\\"taskId\\":\\"wrong\\"","data":{"note":"é😀\\\\","taskId":"task_12345678"}}',
];

test("cut at every character, an id is found exactly when its closing quote has arrived", () => {
  for (const body of bodies) {
    const closed = body.lastIndexOf('task_12345678"') + 'task_12345678"'.length;
    for (let end = 0; end <= body.length; end++) {
      const found = candidateId(nested, body.slice(0, end));
      expect(found, `${body.slice(0, end)}`).toBe(end >= closed ? "task_12345678" : undefined);
    }
  }
});

test("cut at every byte, as an answer arrives, the same holds", () => {
  const bytes = new TextEncoder().encode(bodies[3]);
  const closed = new TextEncoder().encode(bodies[3]!.slice(0, bodies[3]!.lastIndexOf('task_12345678"') + 14)).length;
  for (let end = 0; end <= bytes.length; end++) {
    const found = candidateId(nested, new TextDecoder().decode(bytes.slice(0, end)));
    expect(found, `${end}`).toBe(end >= closed ? "task_12345678" : undefined);
  }
});

test("what follows a whole body does not hide its id", () => {
  expect(candidateId(nested, `${bodies[0]}<html>`)).toBe("task_12345678");
});

test("an id that is not well-formed, or not at its place, is not found", () => {
  for (const text of [
    '{"taskId":"t1"',
    '{"data":{"taskId":"a/../b"',
    '{"data":{"taskId":7',
    '{"data":{"taskId":-7}',
    '{"data":{"taskId":null}',
    "t1",
  ])
    expect(candidateId(nested, text), `${text}`).toBeUndefined();
});

test("on any text it throws nothing, and returns only an id that stands closed in the text", () => {
  const piece = fc.constantFrom(
    '"',
    "\\",
    "{",
    "}",
    "[",
    "]",
    ":",
    ",",
    '"data"',
    '"taskId"',
    '"t1"',
    '"t',
    "1",
    " ",
    "\n",
  );
  const texts = fc.oneof(
    fc.string(),
    fc.array(piece, { maxLength: 60 }).map((pieces) => pieces.join("")),
  );
  const cuts = fc
    .tuple(fc.constantFrom(...bodies), fc.nat(), fc.string())
    .map(([body, at, tail]) => body.slice(0, at % body.length) + tail);
  fc.assert(
    fc.property(fc.oneof(texts, cuts), (text) => {
      const found = candidateId(nested, text);
      if (found !== undefined) expect(text).toContain(`"${found}"`);
    }),
    { numRuns: 500, seed: 4 },
  );
});
