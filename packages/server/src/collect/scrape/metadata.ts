import { formatBound } from '@tidewatch/core/format-float.ts'
import { metricNameLabel } from '@tidewatch/core/labels.ts'
import type { MetricMetadata } from '../../store/port.ts'
import { parseFloatInto } from '../exposition/number.ts'
import type { MetadataLine } from '../exposition/parse.ts'
import type { HistogramPart } from './classic-fold.ts'
import type { StartRole } from './start-times.ts'

const number = new Float64Array(1)

/** More families than this of one target are not kept. */
const maxFamilies = 50_000
/** Families that were not in so many good scrapes are forgotten. */
const keptScrapes = 10

interface Family {
  readonly family: string
  type: MetricMetadata['type']
  help: string
  unit: string
  lastScrape: number
}

/** Type, help and unit of one target's metric families. Its `seen` is called once a metadata line of a scrape. */
export class TargetMetadata {
  readonly #families = new Map<string, Family>()
  /** By slot of the comment table: what the line says of which family. */
  readonly #lines: { readonly line: MetadataLine; readonly family: Family }[] = []
  #scrape = 0
  #seenLines = 0
  #changed = false

  begin(): void {
    this.#scrape++
    this.#seenLines = 0
  }

  comment(slot: number, line: MetadataLine): void {
    this.#lines[slot] = { line, family: this.#family(line.family) }
  }

  seen(slot: number): void {
    const { line, family } = this.#lines[slot]
    family.lastScrape = this.#scrape
    this.#seenLines++
    if (!this.#families.has(family.family) && this.#families.size < maxFamilies) {
      this.#families.set(family.family, family)
    }
    if (family[line.kind] === line.text) return
    this.#changed = true
    if (line.kind === 'type') family.type = typeOf(line.text)
    else family[line.kind] = line.text
  }

  /**
   * Bounds of classic histograms' buckets and of summaries' quantiles as numbers with a point, as Prometheus 3 keeps them however a target writes
   * them: formats differ in it, and a target may change its own.
   */
  withBounds(flat: readonly string[]): readonly string[] {
    const at = flat.findIndex((name, i) => i % 2 === 0 && (name === 'le' || name === 'quantile'))
    if (at < 0) return flat
    const name = flat[flat.indexOf(metricNameLabel) + 1]
    const isBound =
      flat[at] === 'le'
        ? name.endsWith('_bucket') && this.#families.get(name.slice(0, -'_bucket'.length))?.type === 'histogram'
        : this.#families.get(name)?.type === 'summary'
    const text = Buffer.from(flat[at + 1])
    if (!isBound || !parseFloatInto(text, 0, text.length, number)) return flat
    return flat.with(at + 1, formatBound(number[0]))
  }

  /** What the series is in its classic histogram; undefined where it is in none. */
  histogramPart(flat: readonly string[]): HistogramPart | undefined {
    const nameAt = flat.indexOf(metricNameLabel) + 1
    const name = flat[nameAt]
    const suffix = /_(?:bucket|sum|count)$/.exec(name)?.[0]
    if (suffix === undefined) return undefined
    const family = name.slice(0, -suffix.length)
    if (this.#families.get(family)?.type !== 'histogram') return undefined
    const whole = flat.with(nameAt, family)
    if (suffix !== '_bucket') return { role: suffix === '_sum' ? 'sum' : 'count', bound: Number.NaN, whole }
    const boundAt = flat.findIndex((label, i) => i % 2 === 0 && label === 'le')
    const text = Buffer.from(boundAt < 0 ? '' : flat[boundAt + 1])
    if (!parseFloatInto(text, 0, text.length, number)) return undefined
    return { role: 'bucket', bound: number[0], whole: whole.toSpliced(boundAt, 2) }
  }

  /** What the series has to do with when a counter began (OpenMetrics' `_created`); undefined where nothing. */
  startRole(flat: readonly string[]): StartRole | undefined {
    const nameAt = flat.indexOf(metricNameLabel) + 1
    const suffix = /_(?:created|total|bucket|sum|count)$/.exec(flat[nameAt])?.[0]
    if (suffix === undefined) return undefined
    const family = flat[nameAt].slice(0, -suffix.length)
    const type = this.#families.get(family)?.type
    const isOf = type === undefined ? undefined : countedSuffixes[type]
    if (isOf === undefined || (suffix !== '_created' && !isOf.includes(suffix))) return undefined
    const pairs = Array.from({ length: flat.length / 2 }, (_, i) => [flat[i * 2], flat[i * 2 + 1]])
    const shared = pairs.filter(([name]) => name !== metricNameLabel && !(suffix === '_bucket' && name === 'le'))
    const key = JSON.stringify([family, ...shared.sort(([a], [b]) => (a < b ? -1 : 1))])
    return { role: suffix === '_created' ? 'created' : 'counted', key }
  }

  /** The scrape was good. True: lines that did not come again outnumber the others, and the table of them is to be emptied. */
  commit(): boolean {
    for (const [name, family] of this.#families) {
      if (family.lastScrape < this.#scrape - keptScrapes) this.#families.delete(name)
    }
    if (this.#lines.length <= this.#seenLines * 2 + 1000) return false
    this.#lines.length = 0
    return true
  }

  /** Everything, once after something changed; else nothing. */
  takeNews(): readonly Omit<MetricMetadata, 'project'>[] {
    if (!this.#changed) return []
    this.#changed = false
    return this.list()
  }

  /** The news did not arrive: they are news again. */
  returnNews(): void {
    this.#changed = true
  }

  list(): readonly Omit<MetricMetadata, 'project'>[] {
    return [...this.#families.values()].map(({ family, type, help, unit }) => ({ family, type, help, unit }))
  }

  #family(name: string): Family {
    const known = this.#families.get(name)
    if (known !== undefined) return known
    const family: Family = { family: name, type: 'unknown', help: '', unit: '', lastScrape: this.#scrape }
    if (this.#families.size < maxFamilies) this.#families.set(name, family)
    return family
  }
}

/** The series of a family that begin together, behind its name. */
const countedSuffixes: Readonly<Partial<Record<MetricMetadata['type'], readonly string[]>>> = {
  counter: ['_total'],
  histogram: ['_bucket', '_sum', '_count'],
  summary: ['_sum', '_count'],
}

const typeNames: Readonly<Record<string, MetricMetadata['type']>> = {
  counter: 'counter',
  gauge: 'gauge',
  histogram: 'histogram',
  gaugehistogram: 'gaugehistogram',
  summary: 'summary',
  info: 'info',
  stateset: 'stateset',
}

function typeOf(text: string): MetricMetadata['type'] {
  return typeNames[text] ?? 'unknown'
}
