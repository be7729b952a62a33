// Groups as they are pushed: kept in the state, stored as samples at once, and again every 15 s, since a metric that nobody repeats has ended.
import { setImmediate } from 'node:timers/promises'
import { AppError } from '@tidewatch/core/error.ts'
import type { ProjectId } from '@tidewatch/core/matcher.ts'
import { staleHistogram } from '@tidewatch/core/native-histogram.ts'
import { type SampleBatch, SampleBatchPool } from '@tidewatch/core/sample-batch.ts'
import { staleHigh, staleLow } from '@tidewatch/core/stale.ts'
import type { Kysely, Transaction } from 'kysely'
import type { MetricMetadata } from '../../../store/port.ts'
import type { ReceiverParts } from '../../port.ts'
import type { Pushed } from './families.ts'
import {
  createGroup,
  type Grouping,
  type GroupSeries,
  GroupTable,
  groupFamilies,
  groupKey,
  type PushedGroup,
} from './groups.ts'
import {
  changesSince,
  deleteGroup,
  deleteGroups,
  forgetDeleted,
  type GroupChange,
  type PushgatewayTables,
  saveGroup,
  takeRevision,
} from './state.ts'

const intervalMs = 15_000
/** How often a process that is not the one that repeats asks whether it is now. */
const retryMs = 5000
/** Longer than any process goes without asking what changed. */
const deletedKeptMs = 3_600_000
/** Series between two turns of the thread. */
const sliceSeries = 4096
/** A clock that was set back further than this is followed. */
const maxAheadMs = 1000

/** What it needs of a receiver's parts. */
export type PushgatewayParts = Omit<ReceiverParts, 'documents' | 'indexNames' | 'logs' | 'metrics' | 'elasticsearch'>

export class Gateway {
  readonly #parts: PushgatewayParts
  readonly #db: Kysely<PushgatewayTables>
  readonly #table = new GroupTable()
  readonly #pool = new SampleBatchPool()
  /** What this process repeated last, by key: what is not there any more is marked stale. */
  #repeated = new Map<string, PushedGroup>()
  #seenRevision = 0
  #lastMs = 0

  constructor(parts: PushgatewayParts) {
    this.#parts = parts
    this.#db = parts.state.database<PushgatewayTables>()
  }

  /** The groups of a project, with what other processes changed. */
  async groups(project: ProjectId): Promise<readonly PushedGroup[]> {
    await this.#sync(this.#db)
    return this.#table.all().filter((group) => group.project === project)
  }

  /**
   * Replaces the group, or its families of the same names. Answers why it did not where the metrics do not fit to themselves or to other groups;
   * then the group has the time of that. All or nothing: what cannot be stored (429) is not kept either.
   */
  async push(
    { project, grouping }: { readonly project: ProjectId; readonly grouping: Grouping },
    pushed: Pushed,
    { replaces, signal }: { readonly replaces: boolean; readonly signal: AbortSignal },
  ): Promise<string | undefined> {
    const key = groupKey(project, grouping)
    const nowMs = this.#parts.clock.nowMs()
    const fresh = await groupFamilies(pushed.families, { grouping, atMs: nowMs, signal })
    const names = new Set(fresh.map(({ name }) => name))
    return this.#change(async (db, revision) => {
      const before = this.#table.get(key)
      const atMs = this.#nextMs()
      const kept = replaces ? [] : (before?.families ?? []).filter(({ name }) => !names.has(name))
      const after = createGroup({
        project,
        grouping,
        families: [...kept, ...fresh],
        pushedAtMs: atMs,
        failedAtMs: before?.failedAtMs ?? 0,
      })
      this.#table.checkRoom(after)
      const complaint = pushed.hasTimes ? 'pushed metrics must not have timestamps' : this.#table.inconsistency(after)
      const next = complaint === undefined ? after : this.#failed({ project, grouping, before, atMs })
      if (next === undefined) return { changes: [], result: complaint }
      await this.#store([{ before, after: next }], atMs)
      await saveGroup(db, next, revision)
      return { changes: [{ key, revision, group: next }], result: complaint }
    })
  }

  /** A group that is not there is deleted already. */
  async delete(project: ProjectId, grouping: Grouping): Promise<void> {
    const key = groupKey(project, grouping)
    await this.#change(async (db, revision) => {
      const before = this.#table.get(key)
      if (before === undefined) return { changes: [], result: undefined }
      const atMs = this.#nextMs()
      await this.#store([{ before, after: undefined }], atMs)
      await deleteGroup(db, key, { revision, nowMs: atMs })
      return { changes: [{ key, revision, group: undefined }], result: undefined }
    })
  }

  /** Deletes all groups of a project. */
  async wipe(project: ProjectId): Promise<void> {
    await this.#change(async (db, revision) => {
      const groups = this.#table.all().filter((group) => group.project === project)
      const atMs = this.#nextMs()
      await this.#store(
        groups.map((before) => ({ before, after: undefined })),
        atMs,
      )
      await deleteGroups(db, project, { revision, nowMs: atMs })
      return { changes: groups.map(({ key }) => ({ key, revision, group: undefined })), result: undefined }
    })
  }

  /** Repeats all groups every 15 s, in one of the processes that share the state, until the signal fires. */
  async keep(signal: AbortSignal): Promise<void> {
    const { clock, state } = this.#parts
    while (!signal.aborted) {
      await using lock = await state.locks.tryLock('pushgateway')
      if (lock === undefined) {
        await clock.sleep(retryMs, { signal })
        continue
      }
      const leading = AbortSignal.any([signal, lock.signal])
      for (;;) {
        // a signal ends it: the conditions look at them
        await clock.sleep(intervalMs - (clock.nowMs() % intervalMs), { signal: leading }).catch(() => undefined)
        if (leading.aborted) break
        await this.#repeat()
      }
      this.#repeated.clear()
    }
  }

  async #repeat(): Promise<void> {
    await this.#sync(this.#db)
    const atMs = this.#nextMs()
    const groups = this.#table.all()
    const gone = [...this.#repeated].filter(([key]) => this.#table.get(key) === undefined)
    const steps = [
      ...groups.map((after) => ({ before: this.#repeated.get(after.key), after })),
      ...gone.map(([, before]) => ({ before, after: undefined })),
    ]
    if (steps.length > 0) await this.#store(steps, atMs, { leavesOut: true })
    this.#repeated = new Map(groups.map((group) => [group.key, group]))
    await forgetDeleted(this.#db, atMs - deletedKeptMs)
  }

  /** The group with the time of a push that failed; undefined where even the times would not fit to the other groups. */
  #failed({
    before,
    atMs,
    ...of
  }: Pick<PushedGroup, 'project' | 'grouping'> & {
    readonly before: PushedGroup | undefined
    readonly atMs: number
  }): PushedGroup | undefined {
    const { families, pushedAtMs } = before ?? { families: [], pushedAtMs: 0 }
    const group = createGroup({ ...of, families, pushedAtMs, failedAtMs: atMs })
    return this.#table.inconsistency(group) === undefined ? group : undefined
  }

  /** One change after the other, over all processes, each knowing those before it. */
  async #change<Result>(
    work: (
      db: Transaction<PushgatewayTables>,
      revision: number,
    ) => Promise<{ readonly changes: readonly GroupChange[]; readonly result: Result }>,
  ): Promise<Result> {
    const { changes, result } = await this.#db.transaction().execute(async (db) => {
      const revision = await takeRevision(db)
      await this.#sync(db)
      return work(db, revision)
    })
    this.#apply(changes)
    return result
  }

  async #sync(db: Kysely<PushgatewayTables>): Promise<void> {
    this.#apply(await changesSince(db, this.#seenRevision))
  }

  #apply(changes: readonly GroupChange[]): void {
    const seen = this.#seenRevision
    for (const { key, revision, group } of changes) {
      if (revision <= seen) continue
      if (group === undefined) this.#table.delete(key)
      else this.#table.set(group)
      this.#seenRevision = revision
    }
  }

  /** Samples of one series never share a millisecond: of two values there the greater would count, and a value before a stale marker. */
  #nextMs(): number {
    const nowMs = this.#parts.clock.nowMs()
    this.#lastMs = this.#lastMs - nowMs > maxAheadMs ? nowMs : Math.max(nowMs, this.#lastMs + 1)
    return this.#lastMs
  }

  /** All series of the groups as they are now; stale markers for those that they had. */
  async #store(
    steps: readonly { readonly before: PushedGroup | undefined; readonly after: PushedGroup | undefined }[],
    atMs: number,
    { leavesOut = false } = {},
  ): Promise<void> {
    using lease = this.#pool.lease()
    const { batch } = lease
    const to: Target = { batch, atMs, leavesOut }
    const metadata: MetricMetadata[] = []
    let nextPause = sliceSeries
    for (const { before, after } of steps) {
      if (after !== undefined) {
        for (const { series } of after.exposed) for (const one of series) this.#add(to, after.project, one)
        if (before !== after) metadata.push(...metadataOf(after))
      }
      if (before !== undefined && before !== after) this.#addEnds(to, before, after)
      if (batch.length < nextPause) continue
      await setImmediate()
      nextPause = batch.length + sliceSeries
    }
    await this.#parts.acceptor.accept(batch, { metadata })
  }

  #addEnds(to: Target, before: PushedGroup, after: PushedGroup | undefined): void {
    const goOn = new Set(after?.exposed.flatMap(({ series }) => series.map(({ labels }) => labels.key())))
    for (const { series } of before.exposed)
      for (const one of series) if (!goOn.has(one.labels.key())) this.#add(to, before.project, one, true)
  }

  #add({ batch, atMs, leavesOut }: Target, project: ProjectId, series: GroupSeries, ends = false): void {
    const { acceptor, countLeftOut } = this.#parts
    const { labels, value, histogram } = series
    try {
      const ref = acceptor.resolve(project, labels)
      if (histogram !== undefined)
        batch.histograms.push({ ref, timeMs: atMs, histogram: ends ? staleHistogram : histogram })
      else if (ends) batch.addBits(ref, atMs, staleLow, staleHigh)
      else batch.add(ref, atMs, value)
    } catch (error) {
      if (!leavesOut || !(error instanceof AppError)) throw error
      countLeftOut('bad_series', 1)
    }
  }
}

interface Target {
  readonly batch: SampleBatch
  readonly atMs: number
  /** A series that the index does not take (there are too many) is left out and counted; else it ends the whole. */
  readonly leavesOut: boolean
}

function metadataOf({ project, families }: PushedGroup): MetricMetadata[] {
  return families.map(({ name, type, help }) => ({
    project,
    family: name,
    type: type === 'untyped' ? 'unknown' : type,
    help,
    unit: '',
  }))
}
