// Real, playable mp4 files: loops of H.264 and AAC that were encoded once (assets/make.sh), repeated and cut to the
// requested length. Nothing is encoded here.
import { readFile } from "node:fs/promises";
import type { EncodedPacket } from "mediabunny";
import { setTimes } from "./mp4.ts";

// `Uint8Array<ArrayBuffer>`, which TypeScript before 5.7 cannot read.
type Bytes = ReturnType<Uint8Array["slice"]>;
export type AspectRatio = "16:9" | "9:16" | "1:1";

/** What a result shows. */
export interface Clip {
  readonly prompt: string;
  /** Seconds. */
  readonly duration: number;
  readonly aspectRatio: AspectRatio;
  readonly sound: boolean;
}

const FRAME_RATE = 24;
const PICTURES: Record<AspectRatio, string> = { "16:9": "16x9.mp4", "9:16": "9x16.mp4", "1:1": "1x1.mp4" };
/** Pixels, as the assets have them. */
export const SIZES: Record<AspectRatio, string> = { "16:9": "864x486", "9:16": "486x864", "1:1": "480x480" };
/** The sound asset holds three rounds of this many AAC frames after one of priming; the middle one repeats seamlessly. */
const SOUND_ROUND = 96;

interface Loop<Config> {
  packets: readonly EncodedPacket[];
  config: Config;
}

const media = () => import("mediabunny"); // only when a result is asked for: most tests never do
const memory = new Map<string, Promise<Loop<unknown>>>(); // four assets at most

async function load(name: string, type: "video" | "audio"): Promise<Loop<unknown>> {
  const { ALL_FORMATS, BufferSource, EncodedPacketSink, Input } = await media();
  // Beside src and beside dist alike.
  const bytes = await readFile(new URL(`../assets/${name}`, import.meta.url));
  const input = new Input({ formats: ALL_FORMATS, source: new BufferSource(bytes) });
  const track = type === "video" ? await input.getPrimaryVideoTrack() : await input.getPrimaryAudioTrack();
  const config = await track?.getDecoderConfig();
  if (!track || !config) throw new Error(`the asset ${name} has no ${type} track`);
  const packets: EncodedPacket[] = [];
  for await (const packet of new EncodedPacketSink(track).packets()) packets.push(packet);
  return { packets, config };
}

function loop<Config>(name: string, type: "video" | "audio"): Promise<Loop<Config>> {
  let loaded = memory.get(name);
  if (!loaded) {
    loaded = load(name, type);
    memory.set(name, loaded);
    loaded.catch(() => memory.delete(name));
  }
  return loaded as Promise<Loop<Config>>;
}

function at(loop: Loop<unknown>, index: number): EncodedPacket {
  const packet = loop.packets[index];
  if (!packet) throw new Error(`an asset is too short: it has no packet ${index}`);
  return packet;
}

/** How long a video is, in seconds; nothing for what is none. */
export async function secondsOf(bytes: Bytes): Promise<number | undefined> {
  const { ALL_FORMATS, BufferSource, Input } = await media();
  try {
    const input = new Input({ formats: ALL_FORMATS, source: new BufferSource(bytes) });
    const seconds = (await input.getPrimaryVideoTrack()) ? await input.computeDuration() : 0;
    return seconds > 0 ? seconds : undefined;
  } catch {
    return undefined;
  }
}

/** @param about what is written into the file's metadata; `createdAt` in wall-clock milliseconds. */
export async function makeVideo(
  clip: Clip,
  about: { vendor: string; model: string; taskId: string; createdAt: number },
): Promise<Bytes> {
  const { BufferTarget, EncodedAudioPacketSource, EncodedVideoPacketSource, Mp4OutputFormat, Output } = await media();
  const target = new BufferTarget();
  const output = new Output({ format: new Mp4OutputFormat({ fastStart: "in-memory" }), target });
  output.setMetadataTags({
    title: clip.prompt,
    artist: `${about.vendor} ${about.model}, emulated`,
    comment: `Result of the vidtask emulator, not of ${about.vendor}: no video was generated. Task ${about.taskId}, model ${about.model}.`,
  });

  const picture = await loop<VideoDecoderConfig>(PICTURES[clip.aspectRatio], "video");
  const pictureSource = new EncodedVideoPacketSource("avc");
  output.addVideoTrack(pictureSource); // no frameRate: it would snap the durations
  const sound = clip.sound ? await loop<AudioDecoderConfig>("sound.mp4", "audio") : undefined;
  const soundSource = new EncodedAudioPacketSource("aac");
  if (sound) output.addAudioTrack(soundSource);
  await output.start();

  const writePicture = async () => {
    for (let frame = 0; frame < Math.round(clip.duration * FRAME_RATE); frame++) {
      const packet = at(picture, frame % picture.packets.length);
      const timestamp = frame / FRAME_RATE;
      await pictureSource.add(
        packet.clone({ timestamp, duration: 1 / FRAME_RATE, sequenceNumber: frame }),
        frame === 0 ? { decoderConfig: picture.config } : {},
      );
    }
    pictureSource.close();
  };
  const writeSound = async () => {
    if (!sound) return;
    const { sampleRate } = sound.config;
    const step = 1024 / sampleRate;
    for (let frame = 0; frame * step < clip.duration; frame++) {
      const packet = at(sound, 1 + SOUND_ROUND + (frame % SOUND_ROUND));
      const timestamp = frame * step;
      // The last one is cut, so that sound and picture end together.
      const duration = Math.min(step, clip.duration - timestamp);
      await soundSource.add(
        packet.clone({ timestamp, duration, sequenceNumber: frame }),
        frame === 0 ? { decoderConfig: sound.config } : {},
      );
    }
    soundSource.close();
  };
  await Promise.all([writePicture(), writeSound()]); // the writer interleaves them
  await output.finalize();
  if (!target.buffer) throw new Error("the mp4 writer left no bytes");
  const file = new Uint8Array(target.buffer);
  setTimes(file, about.createdAt);
  return file;
}
