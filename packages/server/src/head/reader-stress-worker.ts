// The reader's side of the stress test: reads at random while the writer appends, merges and drops, and checks each answer as a whole.
import { parentPort, workerData } from 'node:worker_threads'
import { AppError } from '@tidewatch/core/error.ts'
import type { HeadDescriptor, SeriesRef, TimedHistograms } from './port.ts'
import { createHeadReader } from './reader.ts'
import { intervalMs, stressBytes, stressLabel, stressValue } from './stress-values.ts'
import { TestColumns } from './test-columns.ts'

const { descriptor, stop, seriesCount, beginMs } = workerData as {
  readonly descriptor: HeadDescriptor
  /** [stop, reads so far, newest complete step] */
  readonly stop: Int32Array
  readonly seriesCount: number
  readonly beginMs: number
}

const columns = new TestColumns()
const nothing: TimedHistograms = { timesMs: [], bytes: [] }
let reads = 0
let samples = 0
const problems: string[] = []

using reader = createHeadReader(descriptor)
while (Atomics.load(stop, 0) === 0 && problems.length < 5) {
  const newestStep = Atomics.load(stop, 2)
  const begin = Math.max(reader.acquire().beginMs, beginMs)
  try {
    for (let i = 0; i < 20; i++) readOne(Math.floor(Math.random() * seriesCount), begin, newestStep)
  } catch (error) {
    // on a busy machine this thread may stand still so long that its memory is needed: it is told so, and sees nothing wrong
    if (!(error instanceof AppError) || error.code !== 'query.busy') throw error
  } finally {
    reader.release()
  }
  reads += 20
  Atomics.store(stop, 1, reads)
}
parentPort?.postMessage({ reads, samples, problems })

function readOne(series: number, begin: number, newestStep: number): void {
  const ref = series as SeriesRef
  const name = reader.labels(ref).get('i')
  if (name !== stressLabel(series)) problems.push(`series ${series} has the label ${name}`)
  columns.length = 0
  reader.read(ref, begin, Number.POSITIVE_INFINITY, columns)
  check(series, begin, newestStep)
  samples += columns.length
  checkHistograms(series, begin, newestStep)
}

function checkHistograms(series: number, begin: number, newestStep: number): void {
  const firstStep = Math.ceil((begin - beginMs) / intervalMs)
  const { timesMs, bytes } = reader.readHistograms(series as SeriesRef, begin, Number.POSITIVE_INFINITY) ?? nothing
  if (timesMs.length < newestStep - firstStep + 1) {
    problems.push(`series ${series}: ${timesMs.length} histograms from step ${firstStep} to ${newestStep}`)
    return
  }
  for (const [i, timeMs] of timesMs.entries()) {
    const step = (timeMs - beginMs) / intervalMs
    const isInPlace = step === firstStep + i || step > newestStep
    if (isInPlace && Buffer.compare(bytes[i] ?? new Uint8Array(0), stressBytes(series, step)) === 0) continue
    problems.push(`series ${series}, histogram ${i} from step ${firstStep}: step ${step}`)
    return
  }
}

/** Every step from the begin to the newest at the time of asking must be there once, with its own value. */
function check(series: number, begin: number, newestStep: number): void {
  const firstStep = Math.ceil((begin - beginMs) / intervalMs)
  if (columns.length < newestStep - firstStep + 1) {
    problems.push(`series ${series}: ${columns.length} samples from step ${firstStep} to ${newestStep}`)
    return
  }
  for (let i = 0; i < columns.length; i++) {
    const step = (columns.timesMs[i] - beginMs) / intervalMs
    // behind the newest complete step one may be there before the one before it
    const isInPlace = step === firstStep + i || step > newestStep
    if (isInPlace && columns.values[i] === stressValue(series, step)) continue
    problems.push(`series ${series}, sample ${i} from step ${firstStep}: step ${step}, value ${columns.values[i]}`)
    return
  }
}
