// A test of a program against the emulator.
import { createApixo } from "@vidtask/apixo";
import { createEmulator, type EmulatorOptions } from "@vidtask/emulator";

const options: EmulatorOptions = { clock: "manual", seed: undefined, vendors: ["apixo"] };
const emulator = createEmulator(options);
const apixo = createApixo(emulator.for("apixo"));

export const done = emulator.clock.until(apixo.generate({ model: "kling-2-6", prompt: "a waterfall" }));
/** The program's own types, whether they come from the DOM or from Node. */
export const answer: Promise<Response> = emulator.fetch(new Request("https://api.apixo.ai/api/v1"));
