// What a push brings, by metric family as Prometheus's text format has them; OpenMetrics is turned into that.
import { AppError, quoteValue } from '@tidewatch/core/error.ts'
import { metricNameLabel } from '@tidewatch/core/labels.ts'
import type { NativeHistogram } from '@tidewatch/core/native-histogram.ts'
import type { ExpositionReader, PushedFormat, ReadExposition } from '../../port.ts'
import { failureTimeMetric, pushTimeMetric } from './groups.ts'

export type FamilyType = 'counter' | 'gauge' | 'histogram' | 'summary' | 'untyped'

export interface PushedSample {
  /** Names and values as pushed, the metric name under `__name__`. */
  readonly flat: readonly string[]
  readonly value: number
  /** Where it is one; the value is its count then. */
  readonly histogram?: NativeHistogram
}

export interface PushedFamily {
  readonly name: string
  readonly type: FamilyType
  readonly help: string
  readonly samples: readonly PushedSample[]
}

export interface Pushed {
  readonly families: readonly PushedFamily[]
  /** A sample has a time of its own, which a push may not. */
  readonly hasTimes: boolean
}

/** Reads a body. Throws `ingest.bad_body` with the line or the family. */
export async function readFamilies(
  bytes: Uint8Array,
  options: Parameters<ReadExposition>[1],
  readExposition: ReadExposition,
): Promise<Pushed> {
  const reader = new FamilyReader(options.format)
  try {
    await readExposition(bytes, options, reader)
  } catch (error) {
    if (!(error instanceof AppError) || error.kind !== 'bad_input') throw error
    throw new AppError('ingest.bad_body', error.message, {
      cause: error,
      fix: "Push Prometheus's text format, OpenMetrics with its Content-Type, or delimited protobuf with its own.",
    })
  }
  return { families: reader.pushedFamilies(), hasTimes: reader.hasTimes }
}

/** The times of pushes are the gateway's own to tell. */
function isReservedName(name: string): boolean {
  return name === pushTimeMetric || name === failureTimeMetric
}

interface Declared {
  type: string | undefined
  help: string | undefined
}

interface Target {
  readonly name: string
  readonly type: FamilyType
  readonly help: string
}

const inText = {
  histogram: { _bucket: 'own', _count: 'own', _sum: 'own' },
  summary: { _count: 'own', _sum: 'own' },
} as const

/** Series names that a family of this type has beside or instead of its own, and what they are in the text format. */
const parts: Readonly<Record<PushedFormat, Readonly<Record<string, Readonly<Record<string, FamilyType | 'own'>>>>>> = {
  text: inText,
  protobuf: inText,
  openmetrics: {
    counter: { _total: 'counter', _created: 'gauge' },
    histogram: { _bucket: 'own', _count: 'own', _sum: 'own', _created: 'gauge' },
    summary: { _count: 'own', _sum: 'own', _created: 'gauge' },
    gaugehistogram: { _bucket: 'untyped', _gcount: 'untyped', _gsum: 'untyped' },
    info: { _info: 'gauge' },
  },
}

const typesInText: Readonly<Record<string, FamilyType>> = {
  counter: 'counter',
  gauge: 'gauge',
  histogram: 'histogram',
  summary: 'summary',
  stateset: 'gauge',
  info: 'gauge',
}

class FamilyReader implements ExpositionReader {
  hasTimes = false
  readonly #format: PushedFormat
  readonly #declared = new Map<string, Declared>()
  readonly #families = new Map<string, { readonly target: Target; readonly samples: PushedSample[] }>()

  constructor(format: PushedFormat) {
    this.#format = format
  }

  metadata(kind: 'help' | 'type' | 'unit', family: string, text: string): void {
    if (kind === 'unit') return
    const declared = this.#declared.get(family) ?? { type: undefined, help: undefined }
    this.#declared.set(family, declared)
    if (declared[kind] !== undefined) throw bad(`a second ${kind.toUpperCase()} line for metric ${quoteValue(family)}`)
    if (kind === 'type' && this.#families.has(family))
      throw bad(`the TYPE line of metric ${quoteValue(family)} comes after its samples`)
    // in the text format there is no other word for it
    declared[kind] = this.#format === 'protobuf' && text === 'gaugehistogram' ? 'histogram' : text
  }

  sample(flat: readonly string[], value: number, timeMs: number): void {
    if (!Number.isNaN(timeMs)) this.hasTimes = true
    const name = labelValue(flat, metricNameLabel) ?? ''
    if (isReservedName(name)) return
    const target = this.#targetOf(name)
    if (target.type === 'histogram' && (name === target.name || isBucketWithoutBound(name, flat)))
      throw bad(`${quoteValue(name)} is no series of a histogram: it needs _count, _sum, or _bucket with the label le`)
    if (target.type === 'summary' && name === target.name && labelValue(flat, 'quantile') === undefined)
      throw bad(`${quoteValue(name)} is no series of a summary: it needs _count, _sum, or the label quantile`)
    this.#add(target, { flat, value })
  }

  histogram(flat: readonly string[], histogram: NativeHistogram, timeMs: number): void {
    if (!Number.isNaN(timeMs)) this.hasTimes = true
    const name = labelValue(flat, metricNameLabel) ?? ''
    if (!isReservedName(name)) this.#add(this.#targetOf(name), { flat, value: histogram.count, histogram })
  }

  #add(target: Target, sample: PushedSample): void {
    let family = this.#families.get(target.name)
    if (family === undefined) {
      family = { target, samples: [] }
      this.#families.set(target.name, family)
    }
    family.samples.push(sample)
  }

  pushedFamilies(): Pushed['families'] {
    return [...this.#families.values()].map(({ target: { name, type }, samples }) => ({
      name,
      type,
      help: this.#helpOf(name),
      samples,
    }))
  }

  #targetOf(name: string): Target {
    const exact = this.#declared.get(name)
    if (exact !== undefined) return { name, type: typesInText[exact.type ?? ''] ?? 'untyped', help: exact.help ?? '' }
    const at = name.lastIndexOf('_')
    const base = at > 0 ? this.#declared.get(name.slice(0, at)) : undefined
    const part = parts[this.#format][base?.type ?? '']?.[name.slice(at)]
    if (part === undefined) return { name, type: 'untyped', help: '' }
    const help = base?.help ?? ''
    if (part === 'own') return { name: name.slice(0, at), type: typesInText[base?.type ?? ''] ?? 'untyped', help }
    return { name, type: part, help }
  }

  /** A HELP line may come after the samples. */
  #helpOf(name: string): string {
    return this.#declared.get(name)?.help ?? this.#targetOf(name).help
  }
}

function isBucketWithoutBound(name: string, flat: readonly string[]): boolean {
  return name.endsWith('_bucket') && labelValue(flat, 'le') === undefined
}

function labelValue(flat: readonly string[], label: string): string | undefined {
  for (let i = 0; i < flat.length; i += 2) if (flat[i] === label) return flat[i + 1]
  return undefined
}

function bad(message: string): AppError {
  return new AppError('ingest.bad_body', message)
}
