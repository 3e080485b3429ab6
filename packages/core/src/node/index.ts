// What needs Node: files.
export { saveVideo, type SaveOptions } from "./save-video.ts";
