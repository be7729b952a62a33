import { AppError } from '@tidewatch/core/error.ts'
import { field, label, varint, varintField } from '@tidewatch/testkit/write-request.ts'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readProtobufFamilies } from './protobuf.ts'

function double(number: number, value: number): Uint8Array {
  const bytes = Buffer.alloc(9)
  bytes[0] = number * 8 + 1
  bytes.writeDoubleLE(value, 1)
  return bytes
}

function family(name: string, type: number, ...metrics: readonly Uint8Array[]): Uint8Array {
  const body = Buffer.concat([
    ...[field(1, name), field(2, 'Help.'), varintField(3, type)],
    ...metrics.map((metric) => field(4, metric)),
  ])
  return Buffer.concat([varint(body.length), body])
}

const message = (...parts: readonly Uint8Array[]): Uint8Array => Buffer.concat(parts)
const counter = family('runs_total', 0, message(label('table', 'orders'), field(3, double(1, 42))))
const histogram = family(
  'seconds',
  4,
  message(
    field(
      7,
      message(
        ...[varintField(1, 3), double(2, 1.5)],
        ...[field(3, message(varintField(1, 1), double(2, 0.5))), field(3, message(varintField(1, 2), double(2, 1e6)))],
      ),
    ),
  ),
)

function lines(bytes: Uint8Array): string[] {
  return readProtobufFamilies(bytes).families.flatMap(({ type, samples }) =>
    samples.map(({ flat, value }) => `${type} ${flat.join(' ')} ${value}`),
  )
}

describe('delimited MetricFamily messages', () => {
  it('become what the text format says; the bucket of all is added', () => {
    expect(lines(Buffer.concat([counter, histogram]))).toEqual([
      'counter __name__ runs_total table orders 42',
      'histogram __name__ seconds_bucket le 0.5 1',
      'histogram __name__ seconds_bucket le 1e+06 2',
      'histogram __name__ seconds_bucket le +Inf 3',
      'histogram __name__ seconds_sum 1.5',
      'histogram __name__ seconds_count 3',
    ])
  })

  it('of a native histogram keep count and sum, and are counted', () => {
    const native = field(7, message(varintField(1, 3), double(2, 1.5), field(12, varintField(2, 1))))
    const { families, nativeHistograms } = readProtobufFamilies(family('n', 4, native))
    expect(nativeHistograms).toBe(1)
    expect(families[0].samples.map(({ flat }) => flat[1])).toEqual(['n_bucket', 'n_sum', 'n_count'])
  })

  it('tell that a metric has a time', () => {
    expect(readProtobufFamilies(family('t', 1, message(field(2, double(1, 1)), varintField(6, 17)))).hasTimes).toBe(
      true,
    )
  })

  it.each([
    ['ends too early', counter.subarray(0, -1)],
    ['a metric of runs_total is not a gauge', family('runs_total', 1, field(3, double(1, 42)))],
    ['the type 9 is not known', family('m', 9)],
    ['a family has no name', family('', 1)],
  ])('refuse what is none: %s', (message, bytes) => {
    expect(() => readProtobufFamilies(bytes)).toThrow(message)
  })

  it('never fail otherwise, whatever the bytes', () => {
    const damaged = fc
      .tuple(fc.nat(counter.length + histogram.length - 1), fc.nat(255))
      .map(([at, byte]) => Buffer.concat([counter, histogram]).fill(byte, at, at + 1))
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 200 }), damaged), (bytes) => {
        try {
          readProtobufFamilies(bytes)
        } catch (error) {
          expect(error).toBeInstanceOf(AppError)
        }
      }),
      { numRuns: 2000 },
    )
  })
})
