// What is kept: whole days go, beyond an age or where all of a signal takes more room than it may.
import type { Clock } from '@tidewatch/core/clock.ts'
import { AppError } from '@tidewatch/core/error.ts'
import { identifier, literal } from './literal.ts'
import type { RenderTarget, RetentionLimits, Signal, StoreClient, TelemetryTable } from './port.ts'

const dayMs = 86_400_000
const everyMs = 10 * 60_000

export interface RetentionOptions {
  readonly client: StoreClient
  readonly tables: readonly TelemetryTable[]
  readonly target: RenderTarget
  readonly clock: Clock
  /** As they are now: a changed configuration counts from the next round on. */
  readonly limits: (signal: Signal) => RetentionLimits
  /** Called before days go, with the begin of each in ms. Where it throws, the days stay until a later round. */
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
  const kept = options.tables.filter(({ retained }) => retained)
  const signals: SignalStatus[] = []
  for (const [name, tables] of Map.groupBy(kept, (table): Signal => table.signal ?? 'metrics')) {
    const before = former?.signals.find((known) => known.signal === name)
    signals.push(await dropOfSignal({ ...options, tables }, name, { signal, before }))
  }
  return { signals }
}

/** One UTC day of a signal. */
interface Day {
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
  const nowMs = options.clock.nowMs()
  const { ageMs, sizeBytes } = options.limits(name)
  const days = await readDays(options, signal)
  const oldestKept = ageMs === undefined ? 0 : dayNumber(nowMs - ageMs)
  const expired = days.filter(({ number }) => number < oldestKept)
  const left = days.filter(({ number }) => number >= oldestKept)
  let bytes = left.reduce((sum, day) => sum + day.bytes, 0)
  // of what is written now nothing goes, nor the newest of what there is: an empty store is of no use to anybody
  const today = dayNumber(nowMs)
  const tooMuch: Day[] = []
  while (sizeBytes !== undefined && bytes > sizeBytes && left.length > 1 && (left[0] as Day).number < today) {
    const oldest = left.shift() as Day
    bytes -= oldest.bytes
    tooMuch.push(oldest)
  }
  for (const [dropped, reason] of [
    [expired, 'age'],
    [tooMuch, 'size'],
  ] as const) {
    if (dropped.length === 0) continue
    for (const day of dropped) {
      await options.beforeDrop?.(name, msOfDay(day.number), { signal })
      await dropDay(options, day, signal)
    }
    const what = { signal: name, reason, days: dropped.map(({ number }) => number), bytes: sumOf(dropped), left: bytes }
    options.log('info', 'dropped days beyond the retention', what)
  }
  const isOver = sizeBytes !== undefined && bytes > sizeBytes
  if (isOver && before?.isOver !== true)
    options.log('warn', 'the newest day alone takes more than the retention allows; it is kept', {
      ...{ signal: name, bytes, limit: sizeBytes },
    })
  return {
    signal: name,
    bytes,
    oldestDayMs: left[0] === undefined ? undefined : msOfDay(left[0].number),
    isOver,
    droppedByAge: (before?.droppedByAge ?? 0) + expired.length,
    droppedBySize: (before?.droppedBySize ?? 0) + tooMuch.length,
  }
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
  const parts = target.cluster === undefined ? 'system.parts' : `cluster(${literal(target.cluster)}, system.parts)`
  const names = tables.map(({ name }) => literal(target.localName(name)))
  const rows = await client.query<{ table: string; id: string; bytes: number }>(
    `SELECT table, partition_id AS id, sum(bytes_on_disk) AS bytes FROM ${parts}
WHERE active AND database = currentDatabase() AND table IN (${names.join(', ')}) GROUP BY table, id ORDER BY table, id`,
    { signal },
  )
  const days = new Map<number, Day>()
  for (const { table, id, bytes } of rows) {
    const digits = /^(\d{8})(?:-|$)/.exec(id)?.[1]
    if (digits === undefined) continue
    const number = Number(digits)
    const day = days.get(number) ?? { number, bytes: 0, partitions: [] }
    days.set(number, day)
    day.bytes += bytes
    day.partitions.push({ table, id })
  }
  return [...days.values()].sort((a, b) => a.number - b.number)
}

/** A day as partitions are named: 20261121. Partitions hold UTC days. */
function dayNumber(ms: number): number {
  return Number(new Date(Math.floor(ms / dayMs) * dayMs).toISOString().slice(0, 10).replaceAll('-', ''))
}

const msOfDay = (day: number): number =>
  Date.UTC(Math.floor(day / 10_000), (Math.floor(day / 100) % 100) - 1, day % 100)
