// Stands in for other people's packages, so that the programs beside it compile without them.
declare module "bullmq" {
  export class DelayedError extends Error {}
  export class UnrecoverableError extends Error {}
  export interface Job<T = unknown, R = unknown> {
    id?: string;
    data: T;
    readonly returnvalue?: R;
    readonly failedReason: string;
    moveToDelayed(at: number, token?: string): Promise<void>;
    updateData(data: T): Promise<void>;
    isDelayed(): Promise<boolean>;
    promote(): Promise<void>;
  }
  export class Worker<T = unknown, R = unknown> {
    constructor(name: string, run: (job: Job<T>, token?: string) => Promise<R>, options?: object);
    on(event: "error", listen: (error: Error) => void): this;
    close(): Promise<void>;
  }
  export class Queue<T = unknown, R = unknown> {
    constructor(name: string, options: object);
    addBulk(jobs: readonly { name: string; data: T; opts?: object }[]): Promise<unknown>;
    getJob(id: string): Promise<Job<T, R> | undefined>;
    getFailed(): Promise<Job<T, R>[]>;
    getJobCounts(...states: string[]): Promise<{ [state: string]: number }>;
    close(): Promise<void>;
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
    bind(...values: unknown[]): {
      run(): Promise<unknown>;
      first<T>(): Promise<T | null>;
      all(): Promise<{ results: Record<string, unknown>[] }>;
    };
  };
}
interface ExecutionContext {
  waitUntil(work: Promise<unknown>): void;
}
declare module "cloudflare:workers" {
  export type WorkflowEvent<T> = { instanceId: string; payload: T };
  export type WorkflowStep = {
    do<T>(name: string, work: () => Promise<T>): Promise<T>;
    sleep(name: string, ms: number): Promise<void>;
    waitForEvent(name: string, options: { type: string; timeout: number }): Promise<unknown>;
  };
  export class WorkflowEntrypoint<E> {
    readonly env: E;
    run(event: WorkflowEvent<unknown>, step: WorkflowStep): Promise<unknown>;
  }
  export type WorkflowInstance = {
    id: string;
    status(): Promise<{ status: string; output?: unknown; error?: { message: string } }>;
    restart(): Promise<void>;
    sendEvent(event: { type: string; payload: object }): Promise<void>;
  };
  export type Workflow<T> = {
    create(options: { id: string; params: T }): Promise<WorkflowInstance>;
    get(id: string): Promise<WorkflowInstance>;
  };
}
declare module "cloudflare:workflows" {
  export class NonRetryableError extends Error {}
}
declare module "wrangler" {
  export function unstable_getMiniflareWorkerOptions(path: string): { workerOptions: object };
}
declare module "miniflare" {
  export class Miniflare {
    constructor(options: object);
    getBindings<E>(): Promise<E>;
  }
}
declare module "croner" {
  export class Cron {
    constructor(pattern: string, options: { protect: boolean }, run: () => Promise<void>);
  }
}
declare module "pg-boss" {
  export type Job<T> = { id: string; data: T };
  export class PgBoss {
    constructor(connectionString: string);
    on(event: "error", listen: (error: Error) => void): this;
    start(): Promise<this>;
    stop(options?: object): Promise<void>;
    createQueue(name: string, options?: object): Promise<void>;
    send(name: string, data: object, options?: { startAfter?: Date }): Promise<string | null>;
    fetch<T>(name: string, options: { batchSize: number }): Promise<Job<T>[]>;
    work<T>(name: string, options: object, run: (jobs: Job<T>[]) => Promise<void>): Promise<string>;
    getDb(): { executeSql(sql: string, values: unknown[]): Promise<{ rows: Record<string, unknown>[] }> };
  }
}
declare module "inngest" {
  export class NonRetriableError extends Error {}
  type Step = {
    run<T>(id: string, work: () => Promise<T>): Promise<T>;
    sleepUntil(id: string, at: Date): Promise<void>;
  };
  export class Inngest {
    constructor(options: { id: string });
    createFunction(
      options: { id: string; triggers: { event: string }[] },
      run: (given: { event: { data: unknown }; step: Step }) => Promise<unknown>,
    ): object;
  }
}
declare module "@inngest/test" {
  export class InngestTestEngine {
    constructor(options: { function: object; events: object[]; steps: object[] });
    execute(): Promise<{ result?: unknown; error?: unknown; ctx: { step: { sleepUntil: unknown } } }>;
  }
}
