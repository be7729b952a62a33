// The past of a Prometheus: read by streamed remote read, one window of time after the other, written by remote write. What was read twice counts once,
// so a window that was cut short is read again whole.
import type { Clock } from '@tidewatch/core/clock.ts'
import { encodeLabels } from '@tidewatch/core/encoded-labels.ts'
import type { Matcher } from '@tidewatch/core/matcher.ts'
import { decodeChunk } from './chunks.ts'
import type { WireCodecs } from './port.ts'
import type { ImportProgress } from './progress.ts'
import { type ReadFrame, readStreamed } from './remote-read.ts'
import { SeriesSamples, sendBody, WriteBody, type WriteTarget } from './write-request.ts'

export interface HistoryOptions {
  readonly from: string
  readonly fromHeaders: Readonly<Record<string, string>>
  readonly target: WriteTarget
  readonly codecs: WireCodecs
  readonly matcherSets: readonly (readonly Matcher[])[]
  /** Labels that the source gives to everything that leaves it: taken off again, since its own series do not have them. */
  readonly externalLabels: ReadonlyMap<string, string>
  readonly progress: ImportProgress
  /** Exclusive. */
  readonly endMs: number
  readonly windowMs: number
  /** At most so many samples a second on average; 0: as fast as it goes. */
  readonly maxSamplesPerSecond: number
  readonly clock: Clock
  /** Called after each window, once it is safe. */
  readonly onWindow: (progress: ImportProgress) => void
  /** What the product says of samples that it does not take. */
  readonly onRefused: (text: string) => void
}

/** Imports from where `progress` stands; resolves with how far it came. */
export async function importHistory(options: HistoryOptions): Promise<ImportProgress> {
  let { progress } = options
  while (progress.doneMs < options.endMs) {
    // windows begin at whole multiples: they then lie as the source's blocks do
    const next = Math.floor(progress.doneMs / options.windowMs) * options.windowMs + options.windowMs
    const endMs = Math.min(next, options.endMs)
    const samples = await importWindow(options, progress.doneMs, endMs - 1)
    progress = { ...progress, doneMs: endMs, samples: progress.samples + samples }
    options.onWindow(progress)
  }
  return progress
}

/** Both ends inclusive. */
async function importWindow(options: HistoryOptions, startMs: number, endMs: number): Promise<number> {
  const { from, fromHeaders, target, codecs, matcherSets, clock, maxSamplesPerSecond } = options
  const body = new WriteBody()
  const samples = new SeriesSamples()
  const startedMs = clock.monotonicMs()
  let sent = 0
  const send = async (): Promise<void> => {
    sent += body.samples
    const refused = await sendBody(body.take(), target)
    if (refused !== undefined) options.onRefused(refused)
    if (maxSamplesPerSecond === 0) return
    const aheadMs = (sent / maxSamplesPerSecond) * 1000 - (clock.monotonicMs() - startedMs)
    if (aheadMs > 0) await clock.sleep(aheadMs, { signal: target.signal })
  }
  const question = { matcherSets, startMs, endMs }
  const reading = { headers: fromHeaders, crc32c: codecs.crc32c, signal: target.signal }
  for await (const frame of readStreamed(from, question, reading)) {
    collect(frame, samples, { startMs, endMs, encodeHistogram: codecs.encodeHistogram })
    body.add(encodeLabels(without(frame.labels, options.externalLabels)), samples)
    if (body.isFull) await send()
  }
  if (body.samples > 0) await send()
  return sent
}

/** The samples of a frame that lie in the window: chunks come whole. */
function collect(
  { chunks }: ReadFrame,
  samples: SeriesSamples,
  {
    startMs,
    endMs,
    encodeHistogram,
  }: Pick<WireCodecs, 'encodeHistogram'> & { readonly startMs: number; readonly endMs: number },
): void {
  samples.clear()
  for (const { encoding, data } of chunks) {
    decodeChunk(encoding, data, {
      float: (timeMs, low, high) => {
        if (timeMs >= startMs && timeMs <= endMs) samples.float(timeMs, low, high)
      },
      histogram: (timeMs, histogram) => {
        if (timeMs >= startMs && timeMs <= endMs) samples.histogram(encodeHistogram(histogram, timeMs))
      },
    })
  }
}

function without(labels: readonly string[], external: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
  const own = new Map<string, string>()
  for (let i = 0; i + 1 < labels.length; i += 2) {
    const [name, value] = [labels[i], labels[i + 1]] as [string, string]
    if (external.get(name) !== value) own.set(name, value)
  }
  return own
}
