// The scheduled queries: each a source of its own that is read at whole intervals, and a line among the targets.
import { AppError } from '@tidewatch/core/error.ts'
import type { ConfigFollower } from '../../config/port.ts'
import type { Metrics } from '../../self/port.ts'
import { type LocalOptions, type LocalSink, type LocalSource, startLocalSource } from '../local.ts'
import type { ActiveTarget } from '../port.ts'
import { metricsOf, type SqlGauge } from './config.ts'
import { runQuery } from './query.ts'
import { samplesOf } from './rows.ts'

const job = 'sql'
/** Of all databases together; the others wait for their turn. */
const maxAtOnce = 4

export interface SqlGaugesOptions extends Omit<LocalOptions, 'intervalMs'> {
  readonly metrics: Metrics
}

export interface SqlGauges extends ConfigFollower<readonly SqlGauge[]>, AsyncDisposable {
  /** As targets of the job `sql`, whose instance is the query's name. */
  active(): readonly ActiveTarget[]
}

interface Running {
  readonly key: string
  readonly source: GaugeSource
  stop(): Promise<void>
}

export function createSqlGauges(options: SqlGaugesOptions): SqlGauges {
  const running = new Map<string, Running>()
  const turns = new Turns(maxAtOnce)
  const onOutcome = addSqlMetrics(options.metrics)
  const start = (gauge: SqlGauge, key: string): void => {
    const source = new GaugeSource(gauge, { ...options, turns, onOutcome })
    const loop = startLocalSource(source, { ...options, intervalMs: gauge.interval })
    running.set(idOf(gauge), {
      key,
      source,
      async stop() {
        source.abort()
        await loop[Symbol.asyncDispose]()
      },
    })
  }
  const stop = async (names: readonly string[]): Promise<void> => {
    await Promise.all(names.map((name) => running.get(name)?.stop()))
    for (const name of names) running.delete(name)
  }
  return {
    active: () => [...running.values()].map(({ source }) => source.target()),
    async apply(gauges) {
      const wanted = new Map(gauges.map((gauge) => [idOf(gauge), { gauge, key: keyOf(gauge) }]))
      await stop([...running].filter(([name, { key }]) => wanted.get(name)?.key !== key).map(([name]) => name))
      for (const [name, { gauge, key }] of wanted) if (!running.has(name)) start(gauge, key)
    },
    [Symbol.asyncDispose]: () => stop([...running.keys()]),
  }
}

/** A check may be called as a query is. */
const idOf = ({ name, metric = name }: SqlGauge): string => `${metric}/${name}`

/** A secret hides what it has from every comparison. */
const keyOf = (gauge: SqlGauge): string => JSON.stringify([gauge, gauge.connection.reveal()])

/** So many at once, first come, first served. */
class Turns {
  readonly #waiting: (() => void)[] = []
  #free: number

  constructor(free: number) {
    this.#free = free
  }

  async take(): Promise<Disposable> {
    if (this.#free > 0) this.#free--
    else await new Promise<void>((resolve) => this.#waiting.push(resolve))
    return {
      [Symbol.dispose]: () => {
        const next = this.#waiting.shift()
        if (next === undefined) this.#free++
        else next()
      },
    }
  }
}

type OnOutcome = (query: string, outcome: 'ok' | 'failed') => void

class GaugeSource implements LocalSource {
  readonly job = job
  readonly instance: string
  readonly #gauge: SqlGauge
  readonly #options: SqlGaugesOptions & { readonly turns: Turns; readonly onOutcome: OnOutcome }
  readonly #stop = new AbortController()
  readonly #last: { error: string; atMs: number | undefined; durationMs: number } = {
    error: '',
    atMs: undefined,
    durationMs: 0,
  }

  constructor(gauge: SqlGauge, options: SqlGaugesOptions & { readonly turns: Turns; readonly onOutcome: OnOutcome }) {
    this.#gauge = gauge
    this.instance = gauge.name
    this.#options = options
  }

  abort(): void {
    this.#stop.abort()
  }

  async read(sink: LocalSink): Promise<void> {
    const { clock, turns, onOutcome } = this.#options
    const gauge = this.#gauge
    using _turn = await turns.take()
    const beganMs = clock.monotonicMs()
    this.#last.atMs = clock.nowMs()
    try {
      const { connection, query, timeout: timeoutMs, max_rows: maxRows } = gauge
      const samples = samplesOf(gauge, await runQuery({ connection, query, timeoutMs, maxRows }, this.#stop.signal))
      for (const { name } of metricsOf(gauge)) sink.family(name, 'gauge', gauge.help)
      for (const { name, labels, value } of samples) sink.sample(name, labels, value)
      this.#last.error = ''
      onOutcome(gauge.name, 'ok')
    } catch (error) {
      this.#last.error = AppError.from(error).message
      onOutcome(gauge.name, 'failed')
      throw error
    } finally {
      this.#last.durationMs = clock.monotonicMs() - beganMs
    }
  }

  target(): ActiveTarget {
    const { name, connection, interval, timeout, help } = this.#gauge
    const { error, atMs, durationMs } = this.#last
    return {
      discoveredLabels: { job, __address__: name },
      labels: { job, instance: name },
      scrapePool: job,
      scrapeUrl: shownUrl(connection.reveal()),
      lastError: error,
      lastScrapeMs: atMs,
      lastScrapeDurationMs: durationMs,
      health: atMs === undefined ? 'unknown' : error === '' ? 'up' : 'down',
      intervalMs: interval,
      timeoutMs: timeout,
      metadata: () => metricsOf(this.#gauge).map((metric) => ({ family: metric.name, type: 'gauge', help, unit: '' })),
    }
  }
}

/** Without user, password and parameters. */
function shownUrl(text: string): string {
  const { protocol, host, pathname } = new URL(text)
  return `${protocol}//${host}${pathname}`
}

function addSqlMetrics(metrics: Metrics): OnOutcome {
  const queries = metrics.counter({
    name: 'tidewatch_sql_queries_total',
    help: 'Scheduled SQL queries, by name and outcome.',
    labels: ['query', 'outcome'],
  })
  return (query, outcome) => queries.with(query, outcome).add()
}
