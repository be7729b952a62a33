// One read, in a query worker: raw samples of some series, as the bytes of an answer, in pieces.
import { AppError } from '@tidewatch/core/error.ts'
import { compareUtf8, Labels, metricNameLabel } from '@tidewatch/core/labels.ts'
import { GrowingSampleBuffer } from '@tidewatch/promql/evaluate/sample-buffer.ts'
import type { SelectedSeries } from '@tidewatch/promql/port.ts'
import type { HeadReader } from '../../head/port.ts'
import type { ReadJob, SelectorWindow } from '../protocol.ts'
import { createMixedSource, type MixedSourceOptions } from '../source.ts'
import { tooManySamples } from '../stored.ts'
import { ChunkedAnswer } from './chunked.ts'
import { FederatedAnswer } from './federated.ts'
import { FederatedFamilies } from './federated-families.ts'
import { SampledAnswer } from './sampled.ts'

export interface ReadJobOptions extends Pick<MixedSourceOptions, 'store' | 'ask'> {
  readonly head: HeadReader
  /** False where other processes take samples in too: then the store alone answers. */
  readonly usesHead: boolean
  readonly signal: AbortSignal
  /** Asked once a series. */
  readonly isCancelled: () => boolean
  /** Hands a piece of the answer on; resolves when the next may be made. The memory goes with it. */
  readonly emit: (piece: Uint8Array<ArrayBuffer>) => Promise<void>
}

/** How the answer is written. Series of a window come sorted by labels, each with at least one sample. */
export interface ReadAnswer {
  /** Called before a window's series. */
  window(index: number): void
  series(labels: Labels, buffer: GrowingSampleBuffer): void
  /** What may be sent by now; undefined while it is too little to be worth a message. */
  takePiece(): Uint8Array<ArrayBuffer> | undefined
  /** The rest. */
  finish(): Uint8Array<ArrayBuffer>
}

/** The head's memory is held from before the first look until the answer is whole, or the head needs it back. */
export async function readJob(job: ReadJob, options: ReadJobOptions): Promise<void> {
  const { head, signal, emit } = options
  const answer = answerFor(job)
  const acquired = head.acquire()
  const beginMs = options.usesHead ? acquired.beginMs : Number.POSITIVE_INFINITY
  try {
    const counts = { samples: 0, series: 0 }
    const steps = job.kind === 'federate' ? [job.windows] : job.windows.map((window) => [window])
    for (const [index, windows] of steps.entries()) {
      answer.window(index)
      using source = createMixedSource({ ...options, ...job, beginMs, lookbackMs: 0 })
      const selected = await source.select(windows.map(toRequest), { signal })
      await writeSeries(selected, { job, counts, answer, options })
    }
    const rest = answer.finish()
    if (rest.length > 0) await emit(rest)
  } finally {
    head.release()
  }
}

const toRequest = (window: SelectorWindow) => ({ ...window, hints: {} })

function answerFor(job: ReadJob): ReadAnswer {
  if (job.kind === 'federate') {
    const Form = job.isProtobuf ? FederatedFamilies : FederatedAnswer
    return new Form(job.externalLabels, job.utf8Names)
  }
  const { externalLabels, maxBytes } = job
  return job.isChunked ? new ChunkedAnswer(externalLabels) : new SampledAnswer(externalLabels, maxBytes)
}

interface Writing {
  readonly job: ReadJob
  readonly counts: { samples: number; series: number }
  readonly answer: ReadAnswer
  readonly options: ReadJobOptions
}

interface Found {
  readonly labels: Labels
  readonly selected: SelectedSeries
  readonly index: number
}

async function writeSeries(all: readonly SelectedSeries[], { job, counts, answer, options }: Writing): Promise<void> {
  const { isCancelled, emit } = options
  const buffer = new GrowingSampleBuffer()
  for (const { selected, index, labels } of sorted(all, job, counts.series)) {
    if (isCancelled()) throw new AppError('query.cancelled', 'query was canceled in query execution')
    selected.read(index, buffer)
    if (buffer.length === 0) continue
    counts.series++
    counts.samples += buffer.length
    if (counts.samples > job.maxSamples) throw tooManySamples(job.maxSamples)
    answer.series(labels, buffer)
    const piece = answer.takePiece()
    if (piece !== undefined) await emit(piece)
  }
}

/** The series of all selectors, each label set once: sorted by labels, or by the metric's name where families are written. */
function sorted(all: readonly SelectedSeries[], { kind, maxSeries }: ReadJob, before: number): Found[] {
  const found: Found[] = []
  for (const selected of all) {
    if (before + found.length + selected.count > maxSeries) throw tooManySeries(maxSeries)
    for (let index = 0; index < selected.count; index++) found.push({ labels: selected.labels(index), selected, index })
  }
  const compare = kind === 'federate' ? compareByName : Labels.compare
  found.sort((a, b) => compare(a.labels, b.labels))
  if (all.length === 1) return found
  return found.filter(({ labels }, i) => i === 0 || Labels.compare((found[i - 1] as Found).labels, labels) !== 0)
}

/** Labels may sort before the name: `Zone` is less than `__name__`. */
function compareByName(a: Labels, b: Labels): number {
  return compareUtf8(a.get(metricNameLabel), b.get(metricNameLabel)) || Labels.compare(a, b)
}

function tooManySeries(maxSeries: number): AppError {
  return new AppError('query.limit', `more than ${maxSeries} series match.`, {
    fix: 'Narrow the matchers, or ask for parts of it one after the other.',
  })
}
