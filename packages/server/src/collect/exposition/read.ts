// A body of an exposition format read once, as those that are pushed are: nothing is remembered for a next one.
import { setImmediate } from 'node:timers/promises'
import { formatFloat } from '@tidewatch/core/format-float.ts'
import type { ReadExposition } from '../../ingest/port.ts'
import { MetricFamiliesParser } from './metric-families.ts'
import { ExpositionParser, type ExpositionSink, ExpositionTables, type MetadataLine } from './parse.ts'

/** Lines or metrics between two turns of the thread: about 2 ms. */
const sliceLines = 2000

/** See the port. Throws `collect.bad_exposition`, and the signal's reason. Exemplars are passed over. */
export const readExposition: ReadExposition = async (bytes, { format, signal }, reader) => {
  const series: (readonly string[])[] = []
  const comments: MetadataLine[] = []
  const sink: ExpositionSink = {
    series: (slot, flat) => {
      series[slot] = flat
    },
    sample: (slot, value, timeMs) => reader.sample(series[slot], value, timeMs),
    histogram: (slot, histogram, timeMs) => reader.histogram(series[slot], histogram, timeMs),
    exemplar: () => undefined,
    comment: (slot, line) => {
      comments[slot] = line
    },
    metadata: (slot) => reader.metadata(comments[slot].kind, comments[slot].family, comments[slot].text),
  }
  const tables = new ExpositionTables()
  const parser =
    format === 'protobuf'
      ? new MetricFamiliesParser(bytes, { tables, sink, histograms: 'complete', formatBound: formatFloat })
      : new ExpositionParser(bytes, { format, tables, sink })
  while (!parser.step(sliceLines)) {
    await setImmediate()
    signal.throwIfAborted()
  }
}
