// What both servers hold when they are asked the same: floats of every kind. No sample lies on a border of a window that `expressions.ts`
// makes (those are multiples of 50 ms), since version 3 leaves out the left border and version 2 does not.
import { type Random, randomOf } from './random.ts'

export interface TestSeries {
  readonly labels: Readonly<Record<string, string>>
  readonly samples: readonly (readonly [timeMs: number, value: number | Uint8Array])[]
}

export const spanMs = 2 * 3_600_000
const stepMs = 15_000
const staleMarker = Uint8Array.of(2, 0, 0, 0, 0, 0, 0xf0, 0x7f)

type Sample = TestSeries['samples'][number]

interface Shape {
  /** Undefined: nothing at that scrape. */
  valueAt(scrape: number, random: Random): number | Uint8Array | undefined
  readonly everyMs?: number
}

function seriesOf(labels: Readonly<Record<string, string>>, startMs: number, shape: Shape, random: Random): TestSeries {
  const { everyMs = stepMs } = shape
  const phaseMs = random.below(everyMs / 50) * 50
  const samples: Sample[] = []
  for (let scrape = 0; scrape * everyMs < spanMs - everyMs; scrape++) {
    const value = shape.valueAt(scrape, random)
    // from 3 to 42 ms past a multiple of 50
    if (value !== undefined) samples.push([startMs + scrape * everyMs + phaseMs + 3 + random.below(40), value])
  }
  return { labels, samples }
}

/** In eighths, so that sums are exact in whatever order they are made. */
function walk(step: number, from: number): Shape {
  let value = from
  return {
    valueAt(_scrape, random) {
      value += (random.below(2 * step + 1) - step) / 8
      return value
    },
  }
}

const oddities = [
  ...[0, -0, 1, -1, 0.1, 1 / 3, 1e-300, 2 ** -1000, 123456789.125, -2.5, 2 ** 53, 1e17, 1e21, -1e-7],
  ...[Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY],
]

/**
 * Far above what it grows by, and so above where version 3 cuts an extrapolation to zero in another order than version 2;
 * with resets, gaps, and ends that are told by stale markers.
 */
function counter(): Shape {
  let value = 1000
  let missing = 0
  let sinceReset = 0
  return {
    valueAt(_scrape, random) {
      if (missing > 0) {
        missing--
        return undefined
      }
      sinceReset++
      if (sinceReset > 8 && random.chance(0.01)) {
        value = 1000 + random.below(40)
        sinceReset = 0
      } else value += random.below(400) / 4
      if (random.chance(0.02)) {
        missing = random.below(40)
        return random.chance(0.5) ? staleMarker : value
      }
      return value
    },
  }
}

/** Begins at zero, never misses a scrape: the cut to zero is the same in both versions. */
function smallCounter(): Shape {
  let value = 0
  return {
    valueAt(scrape, random) {
      if (scrape > 0) value = random.chance(0.02) ? 0 : value + random.below(4)
      return value
    },
  }
}

function gappy(inner: Shape, share: number): Shape {
  let missing = 0
  return {
    ...inner,
    valueAt(scrape, random) {
      const value = inner.valueAt(scrape, random)
      if (missing > 0) {
        missing--
        return undefined
      }
      if (random.chance(share)) {
        missing = random.below(60)
        return random.chance(0.5) ? staleMarker : undefined
      }
      return value
    },
  }
}

const bounds = ['0.1', '0.5', '1', '2.5', '10', '+Inf'] as const

/** One classic histogram: buckets that rise with their bounds, a count and a sum. */
function histogramSeries(labels: Readonly<Record<string, string>>, startMs: number, random: Random): TestSeries[] {
  const scrapes = Math.floor(spanMs / stepMs)
  const seed = random.below(2 ** 32)
  const shapeOf = (bucket: number): Shape => {
    // each bucket goes through the same observations
    const same = randomOf(seed)
    let count = 2000 + bucket * 500
    const counts = Array.from({ length: scrapes }, () => {
      const observed = same.below(30)
      for (let i = 0; i < observed; i++) if (same.below(bounds.length) <= bucket) count++
      return count
    })
    return { valueAt: (scrape) => counts[scrape] }
  }
  const phase = randomOf(seed + 1).below(2 ** 32)
  // one seed for the times of all, as they are scraped together
  const make = (name: string, extra: Readonly<Record<string, string>>, shape: Shape): TestSeries =>
    seriesOf({ __name__: name, ...labels, ...extra }, startMs, shape, randomOf(phase))
  return [
    ...bounds.map((le, bucket) => make('lat_bucket', { le }, shapeOf(bucket))),
    make('lat_count', {}, shapeOf(bounds.length - 1)),
    make('lat_sum', {}, counter()),
  ]
}

/** The same series for the same start. */
export function testSeries(startMs: number): readonly TestSeries[] {
  const random = randomOf(20261121)
  const all: TestSeries[] = []
  const add = (labels: Readonly<Record<string, string>>, shape: Shape): void => {
    all.push(seriesOf(labels, startMs, shape, random))
  }
  for (const i of ['0', '1', '2', '3', '4']) {
    const job = Number(i) % 2 === 0 ? 'a' : 'b'
    const place = { i, job, ...(i === '3' ? {} : { zone: i < '2' ? 'x' : 'y' }) }
    add({ __name__: 'temp', ...place }, walk(24, Number(i) * 8 - 8))
    add({ __name__: 'level', ...place }, gappy(walk(4, 0), 0.02))
    add({ __name__: 'small', ...place }, { valueAt: (_scrape, chance) => chance.below(4) - 1 })
    add({ __name__: 'req_total', ...place }, counter())
    if (i !== '4') add({ __name__: 'tiny_total', ...place }, smallCounter())
    if (i !== '0') add({ __name__: 'meta', ...place, version: `v${Number(i) % 3}` }, { valueAt: () => 1 })
    if (i < '3') add({ __name__: 'odd', ...place }, { valueAt: (_scrape, chance) => chance.pick(oddities) })
    if (i > '1') add({ __name__: 'sparse', ...place }, { ...walk(16, 40), everyMs: 400_000 })
  }
  for (const i of ['0', '1']) all.push(...histogramSeries({ i, job: i === '0' ? 'a' : 'b' }, startMs, random))
  add({ __name__: 'constant' }, { valueAt: () => 42 })
  return all
}
