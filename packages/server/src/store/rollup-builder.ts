// Makes buckets out of days that are over: one statement after the other, each of some series of one day, with as long a pause after it as it took.
// A day counts as made when all of it is; a kill before that costs its work and nothing else, since a bucket that is made again replaces itself.
import type { Clock } from '@tidewatch/core/clock.ts'
import { AppError } from '@tidewatch/core/error.ts'
import type { RenderTarget, RollupName, StoreClient } from './port.ts'
import { buildStatement, cutsStatement, seriesStatements } from './rollup-build.ts'
import { isArriving, type RollupDays, readRollupDays, recordStatement } from './rollup-days.ts'
import { RollupTurns } from './rollup-turns.ts'
import { type RollupLevel, rollupLevels } from './tables/rollups.ts'
import { samplesTable } from './tables/samples.ts'

const dayMs = 86_400_000
const everyMs = 10 * 60_000
/** A day that is over is made so much later: what was sent in its last minutes is there by then. */
const graceMs = 30 * 60_000
/** Samples of one statement: a second of one thread. A deletion waits for one. */
const samplesPerPart = 500_000
const statementTimeoutMs = 10 * 60_000

export interface RollupBuilderOptions {
  readonly client: StoreClient
  readonly target: RenderTarget
  readonly clock: Clock
  readonly turns: RollupTurns
  /** Which are wanted now, and how long each is kept, ms; undefined: for ever. */
  readonly wanted: () => ReadonlyMap<RollupName, number | undefined>
  /** Calls `run` while this process is the one that makes them, until the signal fires. */
  readonly lead: (run: (signal: AbortSignal) => Promise<void>, signal: AbortSignal) => Promise<void>
  readonly log: (level: 'info' | 'warn' | 'error', message: string, detail: Readonly<Record<string, unknown>>) => void
}

export interface RollupCounts {
  readonly days: number
  readonly seconds: number
  readonly failures: number
}

export interface RollupBuilder extends AsyncDisposable {
  /** Since the start. */
  counts(level: RollupName): RollupCounts
  /** Days that are over and not made of all their samples, as the last round found it. */
  readonly waitingDays: number
  /** Looks at everything again at once. */
  wake(): void
  /** Before a day's samples go: makes what is missing of it, and lets nothing change it any more. Throws where that fails. */
  finish(dayMs: number, options: { readonly signal: AbortSignal }): Promise<void>
}

export function createRollupBuilder(options: RollupBuilderOptions): RollupBuilder {
  return new Builder(options)
}

class Builder implements RollupBuilder {
  readonly #options: RollupBuilderOptions
  readonly #stopping = new AbortController()
  readonly #counts = new Map<RollupName, { days: number; seconds: number; failures: number }>()
  readonly #oneDay = new RollupTurns()
  readonly #done: Promise<void>
  #woken = new AbortController()
  #waitingDays = 0
  #lastVersion = 0

  constructor(options: RollupBuilderOptions) {
    this.#options = options
    for (const { name } of rollupLevels) this.#counts.set(name, { days: 0, seconds: 0, failures: 0 })
    const { signal } = this.#stopping
    this.#done = options
      .lead((leading) => this.#run(leading), signal)
      .catch((error: unknown) => {
        if (!signal.aborted) options.log('error', 'rollups are made no more', { error: AppError.from(error).message })
      })
  }

  get waitingDays(): number {
    return this.#waitingDays
  }

  counts(level: RollupName): RollupCounts {
    return this.#countsOf(level)
  }

  wake(): void {
    this.#woken.abort()
  }

  async finish(day: number, { signal }: { readonly signal: AbortSignal }): Promise<void> {
    const { client, target, turns } = this.#options
    const levels = this.#wantedLevels()
    if (levels.length === 0) return
    for (const level of levels) {
      const days = await readRollupDays(client, target, signal)
      const record = days.levels.get(level)?.records.get(day)
      const mark = days.raw.get(day)
      if (record?.isFinal === true) continue
      if (mark === undefined) {
        // the series would go alone, and the samples that follow would be nobody's
        if (await isArriving(client, target, { dayMs: day, signal }))
          throw new AppError('store.unavailable', 'series of that day were written a moment ago, and no sample yet')
        continue
      }
      // again where samples were deleted meanwhile
      while (!(await this.#make(level, day, { signal, hurried: true })));
      using _ = await turns.take({ signal })
      const final = { mark, isFinal: true, version: this.#nextVersion(days) }
      await client.command(recordStatement(target, [{ level, dayMs: day, record: final }]), { signal })
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopping.abort(new AppError('internal.stopping', 'Tidewatch is stopping'))
    await this.#done
  }

  async #run(signal: AbortSignal): Promise<void> {
    const { clock, log } = this.#options
    while (!signal.aborted) {
      try {
        await this.#round(signal)
      } catch (error) {
        if (!signal.aborted)
          log('error', 'cannot make rollups; tried again in a while', { error: AppError.from(error).message })
      }
      try {
        await clock.sleep(everyMs, { signal: AbortSignal.any([signal, this.#woken.signal]) })
      } catch {
        // the sleep ends early only when stopping or woken
        this.#woken = new AbortController()
      }
    }
  }

  /** All that is to be made now, the oldest day first: its samples go first. */
  async #round(signal: AbortSignal): Promise<void> {
    const { client, target } = this.#options
    if (this.#wantedLevels().length === 0) {
      this.#waitingDays = 0
      return
    }
    const tried = new Set<string>()
    for (;;) {
      const days = await readRollupDays(client, target, signal)
      const waiting = this.#waiting(days)
      this.#waitingDays = new Set(waiting.map(({ day }) => day)).size
      // a day that changes all the time has its turn in the next round again
      const next = waiting.find(({ level, day }) => !tried.has(`${level.name} ${day}`))
      if (next === undefined) return
      tried.add(`${next.level.name} ${next.day}`)
      try {
        await this.#make(next.level, next.day, { signal, hurried: false })
      } catch (error) {
        this.#countsOf(next.level.name).failures++
        throw error
      }
    }
  }

  #waiting({ raw, levels }: RollupDays): { readonly level: RollupLevel; readonly day: number }[] {
    const nowMs = this.#options.clock.nowMs()
    const wanted = this.#options.wanted()
    const waiting: { level: RollupLevel; day: number }[] = []
    for (const [day, mark] of raw) {
      if (day + dayMs + graceMs > nowMs) continue
      for (const level of this.#wantedLevels()) {
        const ageMs = wanted.get(level.name)
        const record = levels.get(level)?.records.get(day)
        const isKept = ageMs === undefined || day >= nowMs - ageMs
        if (isKept && record?.isFinal !== true && record?.mark !== mark) waiting.push({ level, day })
      }
    }
    return waiting.sort((a, b) => a.day - b.day)
  }

  /** One day at a time, and none that was made meanwhile. False where it does not count, since samples were deleted meanwhile. */
  async #make(
    level: RollupLevel,
    day: number,
    options: { readonly signal: AbortSignal; readonly hurried: boolean },
  ): Promise<boolean> {
    const { client, target } = this.#options
    using _ = await this.#oneDay.take(options)
    const days = await readRollupDays(client, target, options.signal)
    const record = days.levels.get(level)?.records.get(day)
    const mark = days.raw.get(day)
    const isDone = mark === undefined || record?.isFinal === true || record?.mark === mark
    return isDone || this.#build(level, day, days, options)
  }

  /**
   * Every bucket that a sample of the day is in: also the last one of the day before, which has the sample at midnight. False as
   * above.
   */
  async #build(
    level: RollupLevel,
    day: number,
    days: RollupDays,
    { signal, hurried }: { readonly signal: AbortSignal; readonly hurried: boolean },
  ): Promise<boolean> {
    const { client, target, turns, clock, log } = this.#options
    const begunMs = clock.monotonicMs()
    const { generation } = turns
    const mark = days.raw.get(day) as number
    const version = this.#nextVersion(days)
    const isBeforeFinal = days.levels.get(level)?.records.get(day - dayMs)?.isFinal === true
    const fromMs = isBeforeFinal ? day : day - level.widthMs
    const options = { signal, timeoutMs: statementTimeoutMs }
    const cuts = await this.#cuts(day, signal)
    for (const sql of seriesStatements(level, day, target)) await client.command(sql, options)
    for (let i = 0; i <= cuts.length; i++) {
      const startMs = clock.monotonicMs()
      {
        using _ = await turns.take({ signal })
        const part = { level, fromMs, untilMs: day + dayMs, fromId: cuts[i - 1] ?? '0', untilId: cuts[i], version }
        await client.command(buildStatement(part, target), options)
      }
      if (!hurried) await clock.sleep(clock.monotonicMs() - startMs, { signal })
    }
    using _ = await turns.take({ signal })
    if (turns.generation !== generation) return false
    await client.command(
      recordStatement(target, [{ level, dayMs: day, record: { mark, isFinal: false, version } }]),
      options,
    )
    const seconds = (clock.monotonicMs() - begunMs) / 1000
    const counts = this.#countsOf(level.name)
    counts.days++
    counts.seconds += seconds
    log('info', 'made the rollups of a day', {
      level: level.name,
      day: new Date(day).toISOString().slice(0, 10),
      seconds,
    })
    return true
  }

  /** Where the day's series are cut, so that each part has about so many samples. */
  async #cuts(day: number, signal: AbortSignal): Promise<string[]> {
    const { client } = this.#options
    const inDay = (column: string): string => `${column} >= ${day} AND ${column} < ${day + dayMs}`
    const [counts] = await client.query<{ samples: number; series: number }>(
      `SELECT (SELECT count() FROM ${samplesTable.name} WHERE ${inDay('at_ms')}) AS samples, (SELECT uniqExact(id) FROM series WHERE ${inDay('seen_ms')}) AS series`,
      { signal },
    )
    const { samples = 0, series = 0 } = counts ?? {}
    const parts = Math.ceil(samples / samplesPerPart)
    if (parts <= 1 || series < 2) return []
    const rows = await client.query<{ id: string }>(cutsStatement(day, Math.ceil(series / parts)), { signal })
    return rows.map(({ id }) => id)
  }

  #wantedLevels(): RollupLevel[] {
    const wanted = this.#options.wanted()
    return rollupLevels.filter(({ name }) => wanted.has(name))
  }

  /** Greater than all before, whatever the clock does. */
  #nextVersion({ levels }: RollupDays): number {
    for (const { records } of levels.values())
      for (const { version } of records.values()) this.#lastVersion = Math.max(this.#lastVersion, version)
    this.#lastVersion = Math.max(this.#lastVersion + 1, this.#options.clock.nowMs())
    return this.#lastVersion
  }

  #countsOf(level: RollupName): { days: number; seconds: number; failures: number } {
    return this.#counts.get(level) as { days: number; seconds: number; failures: number }
  }
}
