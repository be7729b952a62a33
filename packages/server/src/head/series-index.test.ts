import { AppError } from '@tidewatch/core/error.ts'
import { Labels } from '@tidewatch/core/labels.ts'
import { defaultProject, type ProjectId } from '@tidewatch/core/matcher.ts'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { headForTest } from './head-for-test.ts'
import { encodeLabels } from './label-bytes.ts'
import { labelLimits } from './label-limits.ts'
import type { SettledSeries } from './port.ts'

type Pair = readonly [name: string | Uint8Array, value: string | Uint8Array]

function field(tag: number, content: string | Uint8Array): Buffer {
  const bytes = Buffer.from(content)
  const length = []
  let rest = bytes.length
  for (; rest >= 128; rest >>>= 7) length.push((rest & 127) | 128)
  return Buffer.concat([Buffer.of(tag, ...length, rest), bytes])
}

/** Labels as a sender writes them, in its order. */
function wire(...pairs: Pair[]): Buffer {
  return Buffer.concat(
    pairs.map(([name, value]) => field(0x0a, Buffer.concat([field(0x0a, name), field(0x12, value)]))),
  )
}

const codeOf = (bytes: Uint8Array): string => {
  using head = headForTest()
  try {
    head.index.resolveEncoded(defaultProject, bytes, 0, bytes.length)
    return 'taken'
  } catch (error) {
    return error instanceof AppError ? `${error.code}: ${error.message}` : String(error)
  }
}

test('finds one series however its sender orders labels or writes empty ones', () => {
  using head = headForTest()
  const { index } = head
  const sorted = wire(['__name__', 'up'], ['job', 'api'])
  const ref = index.resolveEncoded(defaultProject, sorted, 0, sorted.length)
  const unsorted = wire(['job', 'api'], ['empty', ''], ['__name__', 'up'])
  expect(index.resolveEncoded(defaultProject, unsorted, 0, unsorted.length)).toBe(ref)
  const inside = Buffer.concat([Buffer.from('xyz'), sorted, Buffer.from('z')])
  expect(index.resolveEncoded(defaultProject, inside, 3, 3 + sorted.length)).toBe(ref)
  expect(index.resolve(defaultProject, Labels.from({ job: 'api', __name__: 'up' }))).toBe(ref)
  expect(index.labels(ref).flat).toEqual(['__name__', 'up', 'job', 'api'])
  expect(index.size).toBe(1)
})

test('the same labels in two projects are two series', () => {
  using head = headForTest()
  const labels = Labels.from({ a: 'b' })
  const other = head.index.resolve(9 as ProjectId, labels)
  expect(head.index.resolve(defaultProject, labels)).not.toBe(other)
  expect(head.index.project(other)).toBe(9)
})

test('refuses labels that are wrong, and says what is wrong', () => {
  expect({
    cutOff: codeOf(wire(['a', 'b']).subarray(0, 6)),
    otherField: codeOf(field(0x12, 'x')),
    otherLabelField: codeOf(field(0x0a, field(0x1a, 'x'))),
    noLabels: codeOf(new Uint8Array(0)),
    onlyEmpty: codeOf(wire(['a', ''])),
    noName: codeOf(wire(['', 'b'])),
    twice: codeOf(wire(['a', 'b'], ['a', 'c'])),
    badValue: codeOf(wire(['a', Uint8Array.of(0xff, 0x61)])),
    badName: codeOf(wire([Uint8Array.of(0xc3, 0x28), 'b'])),
    zero: codeOf(wire(['a', 'b\u0000c'])),
    tooMany: codeOf(wire(...Array.from({ length: 65 }, (_, i): Pair => [`l${i}`, 'x']))),
    longName: codeOf(wire(['n'.repeat(1025), 'x'])),
    longValue: codeOf(wire(['a', 'v'.repeat(16_385)])),
    longSet: codeOf(wire(...Array.from({ length: 5 }, (_, i): Pair => [`l${i}`, 'v'.repeat(15_000)]))),
  }).toMatchInlineSnapshot(`
    {
      "badName": "ingest.bad_label: the label name "�(" is not UTF-8",
      "badValue": "ingest.bad_label: the value of label "a" is not UTF-8",
      "cutOff": "ingest.bad_label: the labels of a series are cut off or no protobuf",
      "longName": "ingest.label_too_long: the label name "nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn…" has 1025 bytes, more than 1024",
      "longSet": "ingest.label_too_long: the label set of a series has 75050 bytes, more than 65536",
      "longValue": "ingest.label_too_long: the value of label "a" has 16385 bytes, more than 16384",
      "noLabels": "ingest.bad_label: a series has no labels",
      "noName": "ingest.bad_label: a series has a label without a name",
      "onlyEmpty": "ingest.bad_label: a series has no labels",
      "otherField": "ingest.bad_label: a series has a field that is no label among its labels",
      "otherLabelField": "ingest.bad_label: a label has a field that is neither name nor value",
      "tooMany": "ingest.too_many_labels: a series has more than 64 labels",
      "twice": "ingest.bad_label: the label name "a" occurs twice in one series",
      "zero": "ingest.bad_label: the value of label "a" contains a zero byte",
    }
  `)
})

test('gives two series with one hash ids of their own, which they keep over a restart', () => {
  const recorded: SettledSeries[] = []
  const idHash = { low: 7, high: 0xffffffff, hash: () => undefined }
  const sets = ['a', 'b', 'c'].map((value) => Labels.from({ x: value }))
  const ids = (order: readonly number[], known: readonly SettledSeries[]): Map<string, string> => {
    const collisions = { known, record: (series: SettledSeries) => void recorded.push(series) }
    using head = headForTest({ idHash, collisions })
    const result = new Map<string, string>()
    for (const i of order) {
      const ref = head.index.resolve(defaultProject, sets[i])
      result.set(sets[i].toString(), `${head.index.idHigh[ref]}:${head.index.idLow[ref]}`)
    }
    return result
  }
  const first = ids([0, 1, 2], [])
  expect(new Set(first.values()).size).toBe(3)
  expect(recorded).toHaveLength(2)
  const again = ids([2, 1, 0], [...recorded])
  for (const [series, id] of first) expect(again.get(series)).toBe(id)
  expect(recorded).toHaveLength(2)
})

test('a series whose collision cannot be written down is not added', () => {
  const idHash = { low: 7, high: 1, hash: () => undefined }
  const collisions = {
    known: [],
    record: () => {
      throw new AppError('state.unavailable', 'the disk is full')
    },
  }
  using head = headForTest({ idHash, collisions })
  const first = head.index.resolve(defaultProject, Labels.from({ x: 'a' }))
  expect(() => head.index.resolve(defaultProject, Labels.from({ x: 'b' }))).toThrow('the disk is full')
  expect(head.index.size).toBe(1)
  expect(head.index.resolve(defaultProject, Labels.from({ x: 'a' }))).toBe(first)
})

test('refuses a new series at the limit and still finds the known ones', () => {
  using head = headForTest({ maxSeries: 2 })
  const refs = ['a', 'b'].map((x) => head.index.resolve(defaultProject, Labels.from({ x })))
  expect(() => head.index.resolve(defaultProject, Labels.from({ x: 'c' }))).toThrow(
    expect.objectContaining({ code: 'ingest.too_many_series', retryable: true }),
  )
  expect(head.index.resolve(defaultProject, Labels.from({ x: 'b' }))).toBe(refs[1])
})

test('a bad regular expression is an error also where no series has the label', () => {
  using head = headForTest()
  const select = (): unknown => head.index.select(defaultProject, [{ name: 'x', op: '=~', value: '(a' }], 0, 1)
  expect(select).toThrow(expect.objectContaining({ code: 'query.parse' }))
})

test('ids depend on the key, and are the same for the same key', () => {
  const idWith = (fill: number): number => {
    using head = headForTest({ hashKey: new Uint8Array(16).fill(fill) })
    const ref = head.index.resolve(defaultProject, Labels.from({ x: 'a' }))
    return head.index.idLow[ref]
  }
  expect(idWith(1)).toBe(idWith(1))
  expect(idWith(1)).not.toBe(idWith(2))
})

test('labels come back as they went in', () => {
  using head = headForTest({ maxSeries: 100_000 })
  const out = new Uint8Array(labelLimits.totalBytes)
  const text = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 40 }).filter((s) => !s.includes('\u0000'))
  fc.assert(
    fc.property(fc.array(fc.tuple(text, text), { minLength: 1, maxLength: 20 }), (entries) => {
      const byName = [...new Map(entries)].sort(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
      const labels = Labels.fromSorted(byName.flat())
      const ref = head.index.resolveEncoded(defaultProject, out, 0, encodeLabels(labels, out))
      expect(head.index.labels(ref).flat).toEqual(labels.flat)
      expect(head.index.resolve(defaultProject, labels)).toBe(ref)
    }),
  )
})

test('random bytes are taken or refused, never anything else', () => {
  using head = headForTest()
  const bytes = fc.uint8Array({ maxLength: 60 }).map((tail) => Uint8Array.from([0x0a, ...tail]))
  fc.assert(
    fc.property(fc.oneof(bytes, fc.uint8Array({ maxLength: 40 })), (input) => {
      try {
        head.index.resolveEncoded(defaultProject, input, 0, input.length)
      } catch (error) {
        expect(error).toMatchObject({ kind: 'bad_input' })
      }
    }),
  )
})
