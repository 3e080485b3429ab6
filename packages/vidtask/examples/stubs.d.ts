// Stands in for other people's packages, so that the programs beside it compile without them.
declare module "bullmq" {
  export class DelayedError extends Error {}
  export class UnrecoverableError extends Error {}
  export interface Job<T = unknown> {
    id: string;
    data: T;
    moveToDelayed(at: number, token?: string): Promise<void>;
    updateData(data: T): Promise<void>;
  }
  export class Worker<T = unknown> {
    constructor(name: string, run: (job: Job<T>, token?: string) => Promise<unknown>, options?: object);
  }
}
declare module "next/server" {
  export function after(work: Promise<unknown> | (() => unknown)): void;
}
declare module "@/db" {
  export interface Row {
    id: string;
    status: string;
    ref: unknown;
    url: string | null;
  }
  export const db: {
    insert(values: object): Promise<Row>;
    update(id: string, values: object): Promise<void>;
    find(id: string): Promise<Row | undefined>;
    findByTask(id: string): Promise<Row | undefined>;
  };
}
interface D1Database {
  prepare(query: string): {
    bind(...values: unknown[]): { run(): Promise<unknown>; first<T>(): Promise<T | null> };
  };
}
interface ExecutionContext {
  waitUntil(work: Promise<unknown>): void;
}
