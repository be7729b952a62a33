// The evaluator's samples: the head's from where it begins, the store's before that. Both halves of a series are put together as it is read,
// so an answer is exact whatever its windows span.
import type { Labels } from '@tidewatch/core/labels.ts'
import type { ProjectId } from '@tidewatch/core/matcher.ts'
import type { SampleBuffer, SampleSource, SelectedSeries, SelectRequest } from '@tidewatch/promql/port.ts'
import type { HeadReader, SeriesRef, TimedHistograms } from '../head/port.ts'
import type { MetricStoreReader } from '../store/port.ts'
import { mergeHistograms } from './merge-histograms.ts'
import type { SelectedRefs } from './protocol.ts'
import { planStored, type RollupSpan } from './rollup-plan.ts'
import { RollupColumns, type RollupNotes } from './rollups.ts'
import { idKey, StoredColumns } from './stored.ts'
import type { QueryTrace } from './trace.ts'

export interface MixedSourceOptions {
  readonly head: HeadReader
  /** The head's begin as `acquire` gave it for this query. */
  readonly beginMs: number
  readonly store: MetricStoreReader
  readonly projects: readonly number[]
  readonly maxSamples: number
  /** Asks the main thread for the head's series; with `fromStore` it sees to it first that the store has all that was acknowledged. */
  readonly ask: (requests: readonly SelectRequest[], fromStore: boolean) => Promise<readonly SelectedRefs[]>
  /** How long a sample counts, ms. */
  readonly lookbackMs: number
  /** Told which rollups the answer is made of. */
  readonly notes?: RollupNotes | undefined
  /** Told what was read from where, where somebody asks. */
  readonly trace?: QueryTrace | undefined
}

/** How many series are asked of the store in one statement: the text of a statement is bounded. */
const idsPerStatement = 20_000

/** Disposed of when nothing is read any more. */
export function createMixedSource(options: MixedSourceOptions): SampleSource & Disposable {
  const held: StoredColumns[] = []
  return {
    async select(requests, { signal }) {
      const fromStore = requests.some((request) => request.startMs < options.beginMs)
      const selected = await options.ask(requests, fromStore)
      options.trace?.finished('select')
      const result: SelectedSeries[] = []
      for (const [i, request] of requests.entries()) {
        const refs = selected[i] as SelectedRefs
        if (request.startMs >= options.beginMs) {
          result.push(join(request, refs, undefined, options))
          continue
        }
        const columns = new StoredColumns()
        held.push(columns)
        result.push(join(request, refs, await fetchStored(request, columns, { options, signal }), options))
      }
      options.trace?.finished('store')
      return result
    },
    [Symbol.dispose]() {
      for (const columns of held.splice(0)) columns[Symbol.dispose]()
    },
  }
}

interface StoredSelection {
  /** By id key, in the store's order. */
  readonly labels: ReadonlyMap<string, Labels>
  readonly columns: StoredColumns
  /** What is older than the columns' samples, or stands for them. */
  readonly rollups: RollupColumns
}

async function fetchStored(
  request: SelectRequest,
  columns: StoredColumns,
  { options, signal }: { readonly options: MixedSourceOptions; readonly signal: AbortSignal },
): Promise<StoredSelection> {
  const endMs = Math.min(request.endMs, options.beginMs - 1)
  const labels = new Map<string, Labels>()
  const rollups = new RollupColumns(request, options.lookbackMs)
  const kept = await options.store.rollups?.kept({ signal })
  const plan = kept === undefined ? undefined : planStored(request, endMs, { kept, lookbackMs: options.lookbackMs })
  for (const project of options.projects as readonly ProjectId[]) {
    const series = await options.store.series(project, request.matchers, request.startMs, endMs, { signal })
    for (let from = 0; from < series.length; from += idsPerStatement) {
      const part = series.slice(from, from + idsPerStatement)
      const ids = new Uint32Array(part.length * 2)
      for (const [i, { idLow, idHigh, labels: own }] of part.entries()) {
        ids[i * 2] = idLow
        ids[i * 2 + 1] = idHigh
        labels.set(idKey(idLow, idHigh), own)
      }
      const window = { project, ids, startMs: request.startMs, endMs, signal }
      await fetchSamples(options, { ...window, rawStartMs: plan?.rawStartMs ?? request.startMs }, columns)
      for (const span of plan?.rollups ?? []) await fetchBuckets(request, span, { options, ids, signal }, rollups)
    }
  }
  return { labels, columns, rollups }
}

async function fetchBuckets(
  request: SelectRequest,
  span: RollupSpan,
  {
    options,
    ids,
    signal,
  }: { readonly options: MixedSourceOptions; readonly ids: Uint32Array; readonly signal: AbortSignal },
  rollups: RollupColumns,
): Promise<void> {
  const { store, maxSamples, notes, lookbackMs } = options
  const window = { startMs: span.fromMs + 1, endMs: span.untilMs }
  let found = 0
  rollups.begin(span)
  for await (const block of store.rollups?.buckets(span.level.name, ids, window, { signal }) ?? []) {
    rollups.add(block, maxSamples)
    found += block.length
  }
  if (found > 0) notes?.add(span, request, lookbackMs)
}

interface StoredWindow {
  readonly project: ProjectId
  readonly ids: Uint32Array
  readonly startMs: number
  /** Floats before this moment are not read; native histograms are, since they are in no rollups. */
  readonly rawStartMs: number
  readonly endMs: number
  readonly signal: AbortSignal
}

/** Floats and native histograms side by side: mostly there are none of the latter, and to know that should cost no time. */
async function fetchSamples(
  { store, maxSamples }: MixedSourceOptions,
  { project, ids, startMs, rawStartMs, endMs, signal }: StoredWindow,
  columns: StoredColumns,
): Promise<void> {
  const failed = new AbortController()
  const either = AbortSignal.any([signal, failed.signal])
  const floats = async (): Promise<void> => {
    if (rawStartMs > endMs) return
    const atMost = maxSamples - columns.samples
    for await (const block of store.samples(project, ids, rawStartMs, endMs, { signal: either, atMost }))
      columns.add(block, maxSamples)
  }
  const histograms = async (): Promise<void> => {
    for await (const block of store.histograms(project, ids, startMs, endMs, { signal: either }))
      columns.addHistograms(block, maxSamples)
  }
  const stopBoth = (error: unknown): never => {
    failed.abort(error)
    throw error
  }
  const both = await Promise.allSettled([floats().catch(stopBoth), histograms().catch(stopBoth)])
  const refused = both.find((one) => one.status === 'rejected')
  // the first failure is the reason that the other was given
  if (refused !== undefined) throw failed.signal.reason
}

/** One series of the result: its place in the head, in the store, or both. */
interface Member {
  readonly labels: () => Labels
  /** Places in the head; more than one only where projects share labels. */
  readonly refs: SeriesRef[]
  readonly keys: string[]
}

function join(
  request: SelectRequest,
  selected: SelectedRefs,
  stored: StoredSelection | undefined,
  options: MixedSourceOptions,
): SelectedSeries {
  const members =
    options.projects.length > 1
      ? membersByLabels(selected, stored, options.head)
      : membersById(selected, stored, options.head)
  options.trace?.selected(request, members.length, {
    inHead: members.filter(({ refs }) => refs.length > 0).length,
    inStore: members.filter(({ keys }) => keys.length > 0).length,
  })
  return {
    count: members.length,
    labels: (index) => (members[index] as Member).labels(),
    read: (index, buffer) => readMember(members[index] as Member, request, stored, options, buffer),
  }
}

function membersById(selected: SelectedRefs, stored: StoredSelection | undefined, head: HeadReader): Member[] {
  const members: Member[] = []
  const inHead = new Set<string>()
  for (let i = 0; i < selected.refs.length; i++) {
    const ref = selected.refs[i] as SeriesRef
    const keys: string[] = []
    if (stored !== undefined) {
      const key = idKey(selected.idLow[i] as number, selected.idHigh[i] as number)
      inHead.add(key)
      if (holds(stored, key)) keys.push(key)
    }
    members.push({ labels: () => head.labels(ref), refs: [ref], keys })
  }
  for (const [key, labels] of stored?.labels ?? []) {
    if (!inHead.has(key) && holds(stored, key)) members.push({ labels: () => labels, refs: [], keys: [key] })
  }
  return members
}

/** A query over several projects: series with the same labels are one, since a project is no label. */
function membersByLabels(selected: SelectedRefs, stored: StoredSelection | undefined, head: HeadReader): Member[] {
  const byLabels = new Map<string, Member>()
  const member = (labels: Labels): Member => {
    const known = byLabels.get(labels.key())
    if (known !== undefined) return known
    const made = { labels: () => labels, refs: [], keys: [] }
    byLabels.set(labels.key(), made)
    return made
  }
  for (const ref of selected.refs) member(head.labels(ref as SeriesRef)).refs.push(ref as SeriesRef)
  for (const [key, labels] of stored?.labels ?? []) if (holds(stored, key)) member(labels).keys.push(key)
  return [...byLabels.values()]
}

const holds = (stored: StoredSelection | undefined, key: string): boolean =>
  stored !== undefined && (stored.columns.has(key) || stored.rollups.has(key))

function readMember(
  member: Member,
  request: SelectRequest,
  stored: StoredSelection | undefined,
  options: MixedSourceOptions,
  buffer: SampleBuffer,
): void {
  buffer.length = 0
  buffer.histograms = undefined
  const headStartMs = Math.max(request.startMs, options.beginMs)
  for (const key of member.keys) stored?.rollups.read(key, buffer)
  const fromRollups = buffer.length
  for (const key of member.keys) stored?.columns.read(key, buffer)
  const fromStore = buffer.length
  for (const ref of member.refs)
    if (request.endMs >= headStartMs) options.head.read(ref, headStartMs, request.endMs, buffer)
  options.trace?.read(request, { fromRollups, fromStore: fromStore - fromRollups, fromHead: buffer.length - fromStore })
  if (member.keys.length > 1 || member.refs.length > 1) sortByTime(buffer)
  const histograms = histogramsOf(member, request, stored, options)
  if (histograms !== undefined) mergeHistograms(buffer, histograms)
}

/** Undefined where there are none, as in nearly every series. */
function histogramsOf(
  member: Member,
  request: SelectRequest,
  stored: StoredSelection | undefined,
  { head, beginMs }: MixedSourceOptions,
): TimedHistograms[] | undefined {
  let found: TimedHistograms[] | undefined
  const add = (part: TimedHistograms | undefined): void => {
    if (part === undefined) return
    found ??= []
    found.push(part)
  }
  for (const key of member.keys) add(stored?.columns.histograms(key))
  const headStartMs = Math.max(request.startMs, beginMs)
  if (request.endMs < headStartMs) return found
  for (const ref of member.refs) add(head.readHistograms(ref, headStartMs, request.endMs))
  return found
}

/** Several projects' samples of one label set, in one order; the first of two at one time stays. */
function sortByTime(buffer: SampleBuffer): void {
  const order = Array.from({ length: buffer.length }, (_, i) => i).sort(
    (a, b) => (buffer.timesMs[a] as number) - (buffer.timesMs[b] as number),
  )
  const timesMs = buffer.timesMs.slice(0, buffer.length)
  const values = buffer.values.slice(0, buffer.length)
  const words = new Uint32Array(values.buffer)
  const target = new Uint32Array(buffer.values.buffer, buffer.values.byteOffset, buffer.values.length * 2)
  let length = 0
  for (const i of order) {
    if (length > 0 && buffer.timesMs[length - 1] === timesMs[i]) continue
    buffer.timesMs[length] = timesMs[i] as number
    target[length * 2] = words[i * 2] as number
    target[length * 2 + 1] = words[i * 2 + 1] as number
    length++
  }
  buffer.length = length
}
