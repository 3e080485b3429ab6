// What is said about the program itself, and about what was typed wrong.
import { describe, expect, test } from "vitest";
import { createProgram } from "./program.ts";
import { folder, said, vidtask } from "./test/program.ts";

const program = createProgram("1.2.3", async () => {});

describe("help", () => {
  test.each(program.commands.map((command) => [command.name(), command] as const))("of %s", async (name, command) => {
    const { code, out } = await said([name, "--help"]);
    expect(code).toBe(0);
    expect(out).toContain(`Usage: vidtask ${name}`);
    for (const { long } of [...command.options, ...program.options]) expect(out).toContain(long);
  });

  test("without a command it is shown, as wrong usage", async () => {
    const { code, err } = await said([]);
    expect(code).toBe(2);
    for (const { name } of program.commands.map((command) => ({ name: command.name() }))) expect(err).toContain(name);
    expect(err).toContain("130 interrupted");
  });

  test.each([["help"], ["help", "help"], ["--help"]])(
    "asked for as %s it is shown, and nothing is wrong",
    async (...words) => {
      expect(await said(words)).toMatchObject({ code: 0, err: "", out: expect.stringContaining("Commands:") });
      expect(JSON.parse((await said([...words, "--json"])).out)).toHaveProperty("commands");
    },
  );

  test("a default is a time as one would type it", async () => {
    const { out } = await said(["list", "--help"]);
    expect(out).toMatch(/--since <time> .*\(default: 7d\)/s);
    expect(out).not.toMatch(/\d{4,}/);
  });

  test("with --json it is all commands as data", async () => {
    const { code, out } = await said(["generate", "--help", "--json"]);
    const schema = JSON.parse(out) as { commands: { name: string; options: { name: string }[] }[]; exitCodes: object };
    expect(code).toBe(0);
    expect(schema.commands.map(({ name }) => name)).toEqual(program.commands.map((command) => command.name()));
    expect(schema.commands[0]?.options.find(({ name }) => name === "maxPrice")).toMatchObject({ value: "required" });
    expect(Object.keys(schema.exitCodes)).toEqual(["0", "1", "2", "3", "4", "5", "70", "130"]);
  });

  test("every field that a model has is an option", async () => {
    const { out } = await said(["models", "--json"]);
    const lines = out
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as { fields: { name: string }[] });
    const fields = new Set(lines.flatMap((line) => line.fields.map(({ name }) => name)));
    const generate = program.commands.find((command) => command.name() === "generate");
    const options = generate?.options.map((option) => option.attributeName());
    const renamed = new Map([["voices", "voice"]]);
    expect(
      [...fields]
        .filter((field) => field !== "prompt")
        .map((field) => renamed.get(field) ?? field)
        .filter((field) => !options?.includes(field)),
    ).toEqual([]);
  });
});

describe("a wrong word is named, with the one that was probably meant, and exit code 2", () => {
  test.each<[string[], RegExp]>([
    [["generat", "x"], /unknown command 'generat'\n\(Did you mean generate\?\)/],
    [["help", "generat"], /unknown command 'generat'\n\(Did you mean generate\?\)/],
    [["generate", "x", "--durtion", "5"], /unknown option '--durtion'\n\(Did you mean --duration\?\)/],
    [["plan", "x", "--model", "kling-2.7"], /no model "kling-2.7"\n {2}Did you mean kling-2.6\?/],
    [["plan", "x", "--vendor", "apimodel"], /no vendor "apimodel"\n {2}Did you mean apimodels\?/],
    [
      ["plan", "x", "--vendor", "aivideoapi", "--model", "kling-v2-6"],
      /aivideoapi has no model kling-v2-6\n {2}It is a model of apimodels/,
    ],
    [["plan", "x", "--duration", "five"], /--duration .*It must be a number/],
    [["plan", "x", "-d", "7"], /apixo: duration must be one of 5, 10, not 7/],
    [["generate", "x", "--max-price", "-1"], /It must be US dollars/],
    [["wait", "k", "--wait-timeout", "soon"], /It must be a time, such as 90s/],
    [["listen", "--port", "65536"], /It must be a whole number, 0 to 65535/],
    [["batch", "a.csv", "--concurrency", "0"], /It must be a whole number, 1 or more/],
    [["wait"], /missing required argument 'task'/],
    [["compare", "x", "--prefer", "best"], /Allowed choices are cheapest, fastest/],
    [["plan", "x", "--extra-body", "seed=7"], /--extra-body must be a JSON object/],
    [["plan", "x", "--image", "nothing.png"], /image: there is no file .*nothing\.png/],
    [["completion", "ksh"], /Allowed choices are zsh, bash, fish, powershell/],
    [["generate", "x", "--api-key", "sk-1"], /API keys are never taken from the command line/],
  ])("%j", async (words, message) => {
    const { code, err } = await said(words);
    expect(err).toMatch(message);
    expect(err).toMatch(/^vidtask: /);
    expect(err).not.toContain("    at ");
    expect(code).toBe(2);
  });

  test("as a line with --json", async () => {
    const { code, out, err } = await said(["generate", "--durtion", "5", "--json"]);
    expect(JSON.parse(out)).toMatchObject({ type: "error", exitCode: 2, code: "usage" });
    expect([code, err]).toEqual([2, ""]);
  });
});

test("without a key the error names the variable, the file and --emulate", async () => {
  const cwd = folder();
  const { code, err } = await vidtask(["generate", "a cat", "--vendor", "apixo"], { cwd });
  expect(code).toBe(2);
  expect(err).toContain("Set APIXO_API_KEY in the environment");
  expect(err).toContain("vidtask generate 'a cat' --vendor apixo --emulate");
});

test("a completion script asks the program, which knows commands, options and choices", async () => {
  const cwd = folder();
  expect((await vidtask(["completion", "zsh"], { cwd })).out).toContain("vidtask complete --");
  expect((await vidtask(["complete", "--", "gen"], { cwd })).out).toMatch(/^generate\t/);
});
