// What is kept: whole days go, beyond an age or where all of a signal takes more room than it may.
import { beyondLimits, type KeptDay } from '@tidewatch/core/beyond-limits.ts'
import type { Clock } from '@tidewatch/core/clock.ts'
import { AppError } from '@tidewatch/core/error.ts'
import { identifier, literal } from './literal.ts'
import { restoredUntilMs } from './logs/keep-code.ts'
import type { RenderTarget, RetentionLimits, Signal, StoreClient, TelemetryTable } from './port.ts'

const everyMs = 10 * 60_000

export interface RetentionOptions {
  readonly client: StoreClient
  readonly tables: readonly TelemetryTable[]
  readonly target: RenderTarget
  readonly clock: Clock
  /** As they are now: a changed configuration counts from the next round on. */
  readonly limits: (signal: Signal) => RetentionLimits
  /** Called before each round, for limits that another process may have changed. Where it throws nothing goes in this round. */
  readonly beforeRound?: (options: { readonly signal: AbortSignal }) => Promise<void>
  /** Called before days go, with the begin of each in ms. Where it throws, the day stays until a later round. Not for what came out of an archive. */
  readonly beforeDrop?: (name: Signal, dayMs: number, options: { readonly signal: AbortSignal }) => Promise<void>
  readonly log: (level: 'info' | 'warn' | 'error', message: string, detail: Readonly<Record<string, unknown>>) => void
}

export interface Retention extends AsyncDisposable {
  /** What the last rounds found and did; undefined before the first. */
  readonly status: RetentionStatus | undefined
  /** Looks at everything again at once. */
  wake(): void
}

export interface RetentionStatus {
  readonly signals: readonly SignalStatus[]
}

export interface SignalStatus {
  readonly signal: Signal
  /** On disk, of all days that are left; compressed. */
  readonly bytes: number
  /** The oldest day that is left, ms since 1970; undefined where there is none. */
  readonly oldestDayMs: number | undefined
  /** More than it may be, and only days are left that are never dropped. */
  readonly isOver: boolean
  /** Days dropped since the start. */
  readonly droppedByAge: number
  readonly droppedBySize: number
  /** Days that are beyond the limits and could not go yet. */
  readonly heldDays: number
}

/** Drops what is beyond the limits, at a start and every ten minutes. */
export function createRetention(options: RetentionOptions): Retention {
  const stopping = new AbortController()
  let woken = new AbortController()
  let status: RetentionStatus | undefined
  const run = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      try {
        status = await dropBeyond(options, stopping.signal, status)
      } catch (error) {
        // tried again in a while: a store that is away has nothing to be told more often
        if (!stopping.signal.aborted)
          options.log('error', 'cannot drop expired data', { error: AppError.from(error).message })
      }
      try {
        await options.clock.sleep(everyMs, { signal: AbortSignal.any([stopping.signal, woken.signal]) })
      } catch {
        // the sleep ends early only when stopping or woken
        woken = new AbortController()
      }
    }
  }
  const done = run()
  return {
    get status() {
      return status
    },
    wake: () => woken.abort(),
    async [Symbol.asyncDispose]() {
      stopping.abort(new AppError('internal.stopping', 'Tidewatch is stopping'))
      await done
    },
  }
}

/** One round over all signals; `former` is what the round before found. */
export async function dropBeyond(
  options: RetentionOptions,
  signal: AbortSignal,
  former?: RetentionStatus,
): Promise<RetentionStatus> {
  await options.beforeRound?.({ signal })
  const kept = options.tables.filter(({ retained }) => retained)
  const signals: SignalStatus[] = []
  for (const [name, tables] of Map.groupBy(kept, (table): Signal => table.signal ?? 'metrics')) {
    const before = former?.signals.find((known) => known.signal === name)
    signals.push(await dropOfSignal({ ...options, tables }, name, { signal, before }))
  }
  return { signals }
}

/** One UTC day of a signal; of lines of logs there may be several, kept for different times. */
interface Day extends KeptDay {
  /** As partitions are named: 20261121. */
  readonly number: number
  bytes: number
  readonly partitions: { readonly table: string; readonly id: string }[]
}

async function dropOfSignal(
  options: RetentionOptions,
  name: Signal,
  { signal, before }: { readonly signal: AbortSignal; readonly before: SignalStatus | undefined },
): Promise<SignalStatus> {
  const limits = options.limits(name)
  const { sizeBytes } = limits
  const days = await readDays(options, signal)
  const { byAge: expired, bySize: tooMuch, left } = beyondLimits(days, limits, options.clock.nowMs())
  let bytes = sumOf(left)
  const byAge = await dropDays(options, name, { days: expired, reason: 'age', left: bytes, signal })
  const bySize = await dropDays(options, name, { days: tooMuch, reason: 'size', left: bytes, signal })
  const held = [...byAge.held, ...bySize.held]
  bytes += sumOf(held)
  const oldestDay = Math.min(...[...held, ...left].map((day) => day.dayMs))
  const isOver = sizeBytes !== undefined && bytes > sizeBytes
  if (isOver && before?.isOver !== true)
    options.log('warn', 'the newest day alone takes more than the retention allows; it is kept', {
      ...{ signal: name, bytes, limit: sizeBytes },
    })
  return {
    signal: name,
    bytes,
    oldestDayMs: Number.isFinite(oldestDay) ? oldestDay : undefined,
    isOver,
    droppedByAge: (before?.droppedByAge ?? 0) + byAge.dropped,
    droppedBySize: (before?.droppedBySize ?? 0) + bySize.dropped,
    heldDays: held.length,
  }
}

interface DropPlan {
  readonly days: readonly Day[]
  readonly reason: 'age' | 'size'
  /** Bytes of what stays. */
  readonly left: number
  readonly signal: AbortSignal
}

/** What has to be done before and cannot be keeps a day, and no other one. */
async function dropDays(
  options: RetentionOptions,
  name: Signal,
  { days, reason, left, signal }: DropPlan,
): Promise<{ readonly dropped: number; readonly held: readonly Day[] }> {
  const held: Day[] = []
  const dropped: Day[] = []
  for (const day of days) {
    try {
      if (day.restoredUntilMs === undefined) await options.beforeDrop?.(name, day.dayMs, { signal })
    } catch (error) {
      if (signal.aborted) throw error
      held.push(day)
      const what = { signal: name, day: day.number, reason: AppError.from(error).message }
      options.log('warn', 'a day beyond the retention stays for now', what)
      continue
    }
    await dropDay(options, day, signal)
    dropped.push(day)
  }
  if (dropped.length > 0) {
    const what = { signal: name, reason, days: dropped.map(({ number }) => number), bytes: sumOf(dropped), left }
    options.log('info', 'dropped days beyond the retention', what)
  }
  return { dropped: dropped.length, held }
}

const sumOf = (days: readonly Day[]): number => days.reduce((sum, { bytes }) => sum + bytes, 0)

async function dropDay({ client, target }: RetentionOptions, day: Day, signal: AbortSignal): Promise<void> {
  for (const { table, id } of day.partitions) {
    const sql = `ALTER TABLE ${identifier(table)}${target.onCluster} DROP PARTITION ID ${literal(id)}`
    await client.command(sql, { signal })
  }
}

/** Days that have rows, oldest first. On a cluster the bytes are those of one copy. */
async function readDays({ client, tables, target }: RetentionOptions, signal: AbortSignal): Promise<Day[]> {
  const names = tables.map(({ name }) => literal(target.localName(name)))
  const rows = await client.query<{ table: string; id: string; bytes: number }>(
    `SELECT table, partition_id AS id, sum(bytes_on_disk) AS bytes FROM ${target.systemTable('parts')}
WHERE active AND database = currentDatabase() AND table IN (${names.join(', ')}) GROUP BY table, id ORDER BY table, id`,
    { signal },
  )
  const days = new Map<string, Day>()
  for (const { table, id, bytes } of rows) {
    const match = /^(\d{8})(?:-(\d+))?$/.exec(id)
    if (match === null) continue
    const [number, keepDays] = [Number(match[1]), Number(match[2] ?? 0)]
    const key = `${number}-${keepDays}`
    const day = days.get(key) ?? {
      ...{ number, keepDays, bytes: 0, partitions: [] },
      ...{ dayMs: msOfDay(number), restoredUntilMs: restoredUntilMs(keepDays) },
    }
    days.set(key, day)
    day.bytes += bytes
    day.partitions.push({ table, id })
  }
  // of one day those go first that were to be kept for a shorter time
  return [...days.values()].sort((a, b) => a.number - b.number || a.keepDays - b.keepDays)
}

/** Of a day as partitions are named, 20261121. Partitions hold UTC days. */
const msOfDay = (day: number): number =>
  Date.UTC(Math.floor(day / 10_000), (Math.floor(day / 100) % 100) - 1, day % 100)
