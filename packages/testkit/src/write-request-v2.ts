// Bodies of remote write 2.0 for tests: plain, and easy to make wrong on purpose.
import { doubleField, field, histogramFields, varint, varintField } from './write-request.ts'

export interface SeriesV2 {
  /** Names and values; texts are made symbols. */
  readonly labels: Readonly<Record<string, string>>
  readonly samples?: readonly (readonly [timeMs: number, value: number])[]
  /** Counts of buckets from bucket 0 on. */
  readonly histograms?: readonly (readonly [timeMs: number, counts: readonly number[]])[]
  readonly exemplars?: readonly {
    readonly labels: Readonly<Record<string, string>>
    readonly value: number
    readonly timeMs: number
  }[]
  /** `type` as the number in the enumeration. */
  readonly metadata?: { readonly type: number; readonly help: string; readonly unit: string }
  /** In place of the references that the labels have. */
  readonly refs?: readonly number[]
}

/** A whole request; its symbols begin with the empty text. */
export function requestV2(...series: readonly SeriesV2[]): Uint8Array {
  const symbols = new Map([['', 0]])
  const ref = (text: string): number => {
    const known = symbols.get(text)
    if (known !== undefined) return known
    symbols.set(text, symbols.size)
    return symbols.size - 1
  }
  const encoded = series.map((one) => field(5, seriesFields(one, ref)))
  return Buffer.concat([...[...symbols.keys()].map((text) => field(4, text)), ...encoded])
}

function seriesFields(one: SeriesV2, ref: (text: string) => number): Uint8Array {
  const { labels, samples = [], histograms = [], exemplars = [], metadata } = one
  const refsOf = (pairs: Readonly<Record<string, string>>): number[] => Object.entries(pairs).flat().map(ref)
  return Buffer.concat([
    refsField(one.refs ?? refsOf(labels)),
    ...samples.map(([timeMs, value]) => field(2, Buffer.concat([doubleField(1, value), varintField(2, timeMs)]))),
    ...histograms.map(([timeMs, counts]) => field(3, histogramFields(counts, timeMs))),
    ...exemplars.map(({ labels: own, value, timeMs }) =>
      field(4, Buffer.concat([refsField(refsOf(own)), doubleField(2, value), varintField(3, timeMs)])),
    ),
    ...(metadata === undefined
      ? []
      : [
          field(
            5,
            Buffer.concat([
              varintField(1, metadata.type),
              ...[varintField(3, ref(metadata.help)), varintField(4, ref(metadata.unit))],
            ]),
          ),
        ]),
  ])
}

/** Field 1 of a TimeSeries and of an Exemplar: one run of numbers. */
export function refsField(refs: readonly number[]): Uint8Array {
  return field(1, Buffer.concat(refs.map((ref) => varint(ref))))
}
