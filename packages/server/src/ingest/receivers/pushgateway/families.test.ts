import { describe, expect, it } from 'vitest'
import type { ReadExposition } from '../../port.ts'
import { type Pushed, readFamilies } from './families.ts'

type Line = readonly ['type' | 'help', string, string] | readonly ['sample', Readonly<Record<string, string>>, number?]

/** A reader that tells these lines; the real one is collect's, and is tried in tests/counterparts. */
const telling =
  (lines: readonly Line[]): ReadExposition =>
  async (_, __, sink) => {
    for (const [kind, subject, detail] of lines) {
      if (kind === 'sample') sink.sample(Object.entries(subject).flat(), 1, Number(detail ?? Number.NaN))
      else sink.metadata(kind, String(subject), String(detail))
    }
  }

async function read(lines: readonly Line[], format: 'text' | 'openmetrics' = 'text'): Promise<Pushed> {
  return readFamilies(new Uint8Array(), { format, signal: new AbortController().signal }, telling(lines))
}

async function shapes(lines: readonly Line[], format: 'text' | 'openmetrics' = 'text'): Promise<string[]> {
  const { families } = await read(lines, format)
  return families.map(({ name, type, help, samples }) => `${name} ${type} ${help} ${samples.length}`.trimEnd())
}

describe('families of a push', () => {
  it('puts the series of histograms and summaries together; what is not declared is untyped', async () => {
    const lines: Line[] = [
      ['type', 'h', 'histogram'],
      ['help', 'h', 'Help.'],
      ['sample', { __name__: 'h_bucket', le: '1' }],
      ['sample', { __name__: 'h_sum' }],
      ['sample', { __name__: 'h_count' }],
      ['type', 's', 'summary'],
      ['sample', { __name__: 's', quantile: '0.5' }],
      ['sample', { __name__: 's_sum' }],
      ['sample', { __name__: 's_bucket' }],
      ['type', 'c', 'counter'],
      ['sample', { __name__: 'c_total' }],
      ['type', 'unused', 'gauge'],
    ]
    expect(await shapes(lines)).toEqual([
      'h histogram Help. 3',
      's summary  2',
      's_bucket untyped  1',
      'c_total untyped  1',
    ])
  })

  it('turns OpenMetrics into what the text format has', async () => {
    const lines: Line[] = [
      ['type', 'c', 'counter'],
      ['help', 'c', 'Help.'],
      ['sample', { __name__: 'c_total' }],
      ['sample', { __name__: 'c_created' }],
      ['type', 'i', 'info'],
      ['sample', { __name__: 'i_info' }],
      ['type', 'g', 'gaugehistogram'],
      ['sample', { __name__: 'g_bucket', le: '1' }],
      ['sample', { __name__: 'g_gcount' }],
      ['type', 'st', 'stateset'],
      ['sample', { __name__: 'st', st: 'on' }],
    ]
    expect(await shapes(lines, 'openmetrics')).toEqual([
      'c_total counter Help. 1',
      'c_created gauge Help. 1',
      'i_info gauge  1',
      'g_bucket untyped  1',
      'g_gcount untyped  1',
      'st gauge  1',
    ])
  })

  it('leaves out the times of pushes, which are ours to tell, and notes times of samples', async () => {
    const { families, hasTimes } = await read([
      ['sample', { __name__: 'push_time_seconds' }],
      ['sample', { __name__: 'push_failure_time_seconds' }],
      ['sample', { __name__: 'm' }, 17],
    ])
    expect(families.map(({ name }) => name)).toEqual(['m'])
    expect(hasTimes).toBe(true)
  })

  it.each<[string, readonly Line[]]>([
    [
      'a second HELP line for metric "m"',
      [
        ['help', 'm', 'a'],
        ['help', 'm', 'b'],
      ],
    ],
    [
      'the TYPE line of metric "m" comes after its samples',
      [
        ['sample', { __name__: 'm' }],
        ['type', 'm', 'gauge'],
      ],
    ],
    [
      '"h_bucket" is no series of a histogram',
      [
        ['type', 'h', 'histogram'],
        ['sample', { __name__: 'h_bucket' }],
      ],
    ],
    [
      '"s" is no series of a summary',
      [
        ['type', 's', 'summary'],
        ['sample', { __name__: 's' }],
      ],
    ],
  ])('refuses: %s', async (message, lines) => {
    await expect(read(lines)).rejects.toMatchObject({
      code: 'ingest.bad_body',
      message: expect.stringContaining(message) as unknown,
    })
  })
})
