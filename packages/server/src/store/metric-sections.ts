// Sections of the spool, read back for who sends samples on. Called once a section.
import { Labels } from '@tidewatch/core/labels.ts'
import type { ProjectId } from '@tidewatch/core/matcher.ts'
import { uint64Literal } from './literal.ts'
import { readSeries, selectSeries } from './metric-reader.ts'
import { decodeNative, type NativeBlock, type StringMaps } from './native-decode.ts'
import type {
  MetricSection,
  MetricSectionReader,
  SeriesById,
  StoreClient,
  StoredExemplar,
  StoredSeries,
} from './port.ts'
import { exemplarsTable } from './tables/exemplars.ts'
import { histogramsTable } from './tables/histograms.ts'
import { samplesTable } from './tables/samples.ts'
import { seriesTable } from './tables/series.ts'

/** Ids of one statement: its text stays about 200 kB. */
const idsPerStatement = 10_000

export function createMetricSectionReader(): MetricSectionReader {
  return {
    async read({ table, bytes }) {
      if (!readTables.has(table)) return { kind: 'other' }
      const blocks: NativeBlock[] = []
      for await (const block of decodeNative(whole(bytes), { blobs: ['bytes'] })) blocks.push(block)
      switch (table) {
        case seriesTable.name:
          return { kind: 'series', series: blocks.flatMap(readSeries) }
        case exemplarsTable.name:
          return { kind: 'exemplars', exemplars: blocks.flatMap(readExemplars) }
        case histogramsTable.name:
          return histograms(blocks)
        default:
          return samples(blocks)
      }
    },
  }
}

async function* whole(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes
}

const readTables: ReadonlySet<string> = new Set(
  [seriesTable, samplesTable, histogramsTable, exemplarsTable].map(({ name }) => name),
)

function samples(blocks: readonly NativeBlock[]): MetricSection {
  const [block] = blocks
  const joined = {
    length: block?.rows ?? 0,
    ids: new Uint32Array(0),
    timesMs: new Float64Array(0),
    values: new Float64Array(0),
  }
  if (block === undefined) return { kind: 'samples', samples: joined }
  if (blocks.length === 1) {
    const [ids, timesMs, values] = [block.halves('id'), block.float64('at_ms'), block.float64('bits')]
    return { kind: 'samples', samples: { length: block.rows, ids, timesMs, values } }
  }
  // by words: a stale marker must not pass through a number
  const words = (name: string): Uint32Array => concat(blocks.map((one) => one.halves(name)))
  const length = blocks.reduce((sum, { rows }) => sum + rows, 0)
  const values = new Float64Array(words('bits').buffer)
  return {
    kind: 'samples',
    samples: { length, ids: words('id'), timesMs: new Float64Array(words('at_ms').buffer), values },
  }
}

function histograms(blocks: readonly NativeBlock[]): MetricSection {
  const ids = concat(blocks.map((block) => block.halves('id')))
  const timesMs = new Float64Array(concat(blocks.map((block) => block.halves('at_ms'))).buffer)
  const bytes = blocks.flatMap((block) => block.blobs('bytes'))
  return { kind: 'histograms', histograms: { length: bytes.length, ids, timesMs, bytes } }
}

function concat(parts: readonly Uint32Array[]): Uint32Array<ArrayBuffer> {
  const joined = new Uint32Array(parts.reduce((sum, { length }) => sum + length, 0))
  let at = 0
  for (const part of parts) {
    joined.set(part, at)
    at += part.length
  }
  return joined
}

function readExemplars(block: NativeBlock): StoredExemplar[] {
  const projects = block.uint32('project')
  const ids = block.halves('id')
  const times = block.float64('at_ms')
  const values = block.float64('bits')
  const labels = flatMaps(block.maps('labels'))
  const examples = flatMaps(block.maps('example'))
  return Array.from({ length: block.rows }, (_, row) => ({
    project: projects[row] as ProjectId,
    idLow: ids[row * 2] as number,
    idHigh: ids[row * 2 + 1] as number,
    labels: Labels.fromSorted(labels[row] as string[]),
    timeMs: times[row] as number,
    value: values[row] as number,
    example: examples[row] as string[],
  }))
}

function flatMaps({ ends, keys, values }: StringMaps): string[][] {
  let at = 0
  return Array.from(ends, (end) => {
    const flat: string[] = []
    for (; at < end; at++) flat.push(keys[at] as string, values[at] as string)
    return flat
  })
}

export function createSeriesById(client: StoreClient): SeriesById {
  return {
    async seriesById(ids, { signal }) {
      const found: StoredSeries[] = []
      for (let first = 0; first < ids.length; first += idsPerStatement * 2) {
        const list: string[] = []
        for (let i = first; i < Math.min(ids.length, first + idsPerStatement * 2); i += 2)
          list.push(uint64Literal(ids[i] as number, ids[i + 1] as number))
        const sql = `${selectSeries([`id IN (${list.join(',')})`])} LIMIT 1 BY id FORMAT Native`
        for await (const block of decodeNative(client.stream(sql, { signal }))) found.push(...readSeries(block))
      }
      return found
    },
  }
}
