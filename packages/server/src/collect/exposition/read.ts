// A body of an exposition format read once, as those that are pushed are: nothing is remembered for a next one.
import { setImmediate } from 'node:timers/promises'
import type { ReadExposition } from '../../ingest/port.ts'
import { ExpositionParser, ExpositionTables, type MetadataLine } from './parse.ts'

/** Lines between two turns of the thread: about 2 ms. */
const sliceLines = 2000

/** See the port. Throws `collect.bad_exposition`, and the signal's reason. */
export const readExposition: ReadExposition = async (bytes, { format, signal }, sink) => {
  const series: (readonly string[])[] = []
  const comments: MetadataLine[] = []
  const parser = new ExpositionParser(bytes, {
    format,
    tables: new ExpositionTables(),
    sink: {
      series: (slot, flat) => {
        series[slot] = flat
      },
      sample: (slot, value, timeMs) => sink.sample(series[slot], value, timeMs),
      comment: (slot, line) => {
        comments[slot] = line
      },
      metadata: (slot) => sink.metadata(comments[slot].kind, comments[slot].family, comments[slot].text),
    },
  })
  while (!parser.step(sliceLines)) {
    await setImmediate()
    signal.throwIfAborted()
  }
}
