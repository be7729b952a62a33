import { describe, expect, it } from 'vitest'
import { readCbor, writeCborTexts } from './cbor.ts'
import { readMetricData } from './data.ts'
import { readForm } from './form.ts'

const nowMs = Date.UTC(2026, 10, 21)
const plain = (tree: unknown) =>
  Object.fromEntries(
    readMetricData(tree, nowMs).map(({ name, labels, value }) => [`${name}${JSON.stringify(labels)}`, value]),
  )

describe('PutMetricData', () => {
  it('is the same as a form, JSON and CBOR', () => {
    const form = readForm(
      'Action=PutMetricData&Namespace=N&MetricData.member.2.MetricName=B&MetricData.member.2.Values.member.1=1&MetricData.member.2.Values.member.2=3&MetricData.member.1.MetricName=A&MetricData.member.1.Value=1e2&MetricData.member.1.Timestamp=2026-11-21T00%3A00%3A00&MetricData.member.1.Dimensions.member.1.Name=D&MetricData.member.1.Dimensions.member.1.Value=x%20y',
    )
    const json = {
      Namespace: 'N',
      MetricData: [
        { MetricName: 'A', Value: 100, Timestamp: nowMs / 1000, Dimensions: [{ Name: 'D', Value: 'x y' }] },
        { MetricName: 'B', Values: [1, 3] },
      ],
    }
    // {"Namespace": "N", "MetricData": [_ {"MetricName": "A", "Value": 100.0, "Timestamp": 1(1795219200.0), "Dimensions": [{...}]}, {..., "Values": [1, 3.0 as half]}]}
    const cbor = Buffer.concat([
      Buffer.from([0xa2, 0x69]),
      Buffer.from('Namespace'),
      Buffer.from([0x61, 0x4e, 0x6a]),
      Buffer.from('MetricData'),
      Buffer.from([0x9f, 0xa4, 0x6a]),
      Buffer.from('MetricName'),
      Buffer.from([0x61, 0x41, 0x65]),
      Buffer.from('Value'),
      Buffer.from('fb4059000000000000', 'hex'),
      Buffer.from([0x69]),
      Buffer.from('Timestamp'),
      Buffer.from('c1fb', 'hex'),
      doubleBytes(nowMs / 1000),
      Buffer.from([0x6a]),
      Buffer.from('Dimensions'),
      Buffer.from([0x81, 0xa2, 0x64]),
      Buffer.from('Name'),
      Buffer.from([0x61, 0x44, 0x65]),
      Buffer.from('Value'),
      Buffer.from([0x63]),
      Buffer.from('x y'),
      Buffer.from([0xbf, 0x6a]),
      Buffer.from('MetricName'),
      Buffer.from([0x61, 0x42, 0x66]),
      Buffer.from('Values'),
      Buffer.from([0x82, 0x01, 0xf9, 0x42, 0x00, 0xff, 0xff]),
    ])
    const wanted = {
      'n_a{"d":"x y"}': 100,
      'n_b_sum{}': 4,
      'n_b_sample_count{}': 2,
      'n_b_minimum{}': 1,
      'n_b_maximum{}': 3,
    }
    expect(plain(form)).toEqual(wanted)
    expect(plain(json)).toEqual(wanted)
    expect(plain(readCbor(cbor))).toEqual(wanted)
    expect(readMetricData(form, 0)[0]?.timeMs).toBe(nowMs)
  })

  it('adds up what one request says of one moment', () => {
    const one = (Value: number) => ({ MetricName: 'A', Value, Timestamp: 5 })
    expect(plain({ Namespace: 'N', MetricData: [one(1), one(4)] })).toEqual({
      'n_a_sum{}': 5,
      'n_a_sample_count{}': 2,
      'n_a_minimum{}': 1,
      'n_a_maximum{}': 4,
    })
  })

  it.each([
    [{}, 'Namespace is required'],
    [{ Namespace: 'N', MetricData: [{ Value: 1 }] }, 'MetricData.member.1.MetricName is required'],
    [{ Namespace: 'N', MetricData: [{ MetricName: 'A', Value: Number.NaN }] }, 'MetricData.member.1.Value'],
    [{ Namespace: 'N', MetricData: [{ MetricName: 'A', Values: [1], Counts: [1, 2] }] }, '1 Values and 2 Counts'],
    [{ Namespace: 'N', MetricData: [{ MetricName: '/', Value: 1 }] }, 'nothing is left'],
    [{ Namespace: 'N', MetricData: [{ MetricName: 'A', Value: 1, Timestamp: 'now' }] }, 'is not a time'],
  ])('refuses %j', (tree, message) => {
    expect(() => readMetricData(tree, nowMs)).toThrow(message)
  })
})

function doubleBytes(value: number): Buffer {
  const bytes = Buffer.alloc(8)
  bytes.writeDoubleBE(value)
  return bytes
}

describe('CBOR', () => {
  it.each(['', 'a1', '61', 'fb00', '9f01', 'ff', '0101', '7b7fffffffffffffff', '61ff', `${'81'.repeat(20)}00`])(
    '%s is refused or empty',
    (hex) => {
      const bytes = Buffer.from(hex, 'hex')
      if (hex === '') expect(readCbor(bytes)).toEqual({})
      else expect(() => readCbor(bytes)).toThrow('no CBOR')
    },
  )
  it('reads what it writes', () => {
    const texts = { __type: 'a', message: 'x'.repeat(300) }
    expect({ ...(readCbor(writeCborTexts(texts)) as object) }).toEqual(texts)
  })
})

it.each(['a.b=1&a=2', 'a=1&a.b=2', `${'a.'.repeat(20)}b=1`, 'a.member.x=1'])(
  'the form %s is taken or refused in words',
  (text) => {
    try {
      expect(readForm(text)).toBeDefined()
    } catch (error) {
      expect(error).toMatchObject({ code: 'ingest.bad_body' })
    }
  },
)
