// What every folder may use of ours about ourselves: log lines, own metrics, the health of its part, background work.

/** Values of a log line. An Error is written with code, stack and causes, a `Secret` as `[secret]`, URLs without user and query. */
export type LogFields = Readonly<Record<string, unknown>>

export type LogLevel = 'debug' | 'info' | 'warn' | 'error'

export interface Logger {
  debug(message: string, fields?: LogFields): void
  info(message: string, fields?: LogFields): void
  warn(message: string, fields?: LogFields): void
  error(message: string, fields?: LogFields): void
  /** A logger whose lines all carry these fields, such as `{ part: 'spool' }`. */
  child(fields: LogFields): Logger
}

export interface Counter {
  /** Adds to it; 1 when left out. */
  add(amount?: number): void
}

export interface Gauge {
  set(value: number): void
  add(amount: number): void
}

export interface Histogram {
  observe(value: number): void
}

/** One metric with fixed label names; `with` takes the values in their order. Keep what it returns on hot paths. */
export interface Family<Cell> {
  with(...labelValues: readonly string[]): Cell
}

export interface MetricDefinition {
  /** `tidewatch_…`, with the unit in the name; counters end in `_total`. */
  readonly name: string
  readonly help: string
  readonly labels?: readonly string[]
}

/** One sample of our own, as it is exposed. */
export interface OwnSample {
  /** With the suffix of histograms: `_bucket`, `_sum`, `_count`. */
  readonly name: string
  readonly family: string
  readonly type: 'counter' | 'gauge' | 'histogram'
  readonly help: string
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}

export interface Metrics {
  counter(definition: MetricDefinition): Family<Counter>
  gauge(definition: MetricDefinition): Family<Gauge>
  /** Upper bounds ascending, without infinity. */
  histogram(definition: MetricDefinition & { readonly buckets: readonly number[] }): Family<Histogram>
  /** Called before each reading, to bring gauges and counters up to date. What it throws is logged and leaves the rest readable. */
  beforeRead(update: () => void): void
  /** Everything, by family. */
  render(): readonly OwnSample[]
  /** The same in Prometheus's text format 0.0.4. */
  text(): string
}

export type PartState = 'starting' | 'ready' | 'degraded' | 'down'

/** One part's own report on itself; calls without a change cost nothing. */
export interface HealthPart {
  starting(reason: string): void
  ready(): void
  /** Works, but less than it should: the server stays ready. */
  degraded(reason: string): void
  down(reason: string): void
}

export interface PartReport {
  readonly name: string
  readonly state: PartState
  readonly reason: string | undefined
  readonly sinceMs: number
}

export interface Health {
  /** Parts count for readiness unless `required` is false. A part begins as `starting`. */
  part(name: string, options?: { readonly required?: boolean }): HealthPart
  report(): { readonly status: PartState; readonly ready: boolean; readonly parts: readonly PartReport[] }
}

/** Owner of background work: nothing floats, and what fails is heard. */
export interface TaskGroup extends AsyncDisposable {
  /**
   * Runs until it ends by itself or the group is disposed (its signal fires). A failure is logged; then, by `restart`, it starts again with
   * back-off (1 s doubling to 60 s), or the group's `onFatal` is called.
   */
  run(name: string, task: (signal: AbortSignal) => Promise<void>, options?: { readonly restart?: boolean }): void
  /** Calls it every so often, first after one interval; a failure is logged and the next turn comes as usual. */
  every(name: string, intervalMs: number, task: (signal: AbortSignal) => Promise<void> | void): void
}
