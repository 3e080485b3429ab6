// What finds the task of a submit whose answer was lost: for vendors that list their tasks, or take a request twice.
export { recover } from "./recover.ts";
export { ageInStore, resender } from "./resend.ts";
