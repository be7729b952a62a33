import { AppError } from '@tidewatch/core/error.ts'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { ExpositionFormat } from './parse.ts'
import { Collector } from './testing/collected.ts'
import { parseNaively } from './testing/naive.ts'

const parse = (body: string | Uint8Array, format?: ExpositionFormat) => new Collector().parse(body, format)

function errorOf(body: string | Uint8Array, format?: ExpositionFormat): string {
  try {
    parse(body, format)
  } catch (error) {
    if (error instanceof AppError) return error.message
    throw error
  }
  return 'taken'
}

describe('the text format', () => {
  it('reads samples, blanks, comments, help and types', () => {
    const { samples, lines } = parse(
      [
        '# HELP http_requests_total Requests \\\\ by\\nstatus "x".',
        '# TYPE http_requests_total counter',
        '# a remark',
        '#no blank',
        '',
        'http_requests_total{method="post",code="200",} 1027 1395066363000',
        '  up\t1  ',
        'x { a = "b" , c="d\\"e\\\\f\\ng\\x" } -1.5e-3 -5',
        'go_info{v="é世"}3',
        '# TYPE x\tuntyped',
        'last NaN',
      ].join('\n'),
    )
    expect(samples).toEqual([
      { labels: { __name__: 'http_requests_total', method: 'post', code: '200' }, value: 1027, timeMs: 1395066363000 },
      { labels: { __name__: 'up' }, value: 1, timeMs: undefined },
      { labels: { __name__: 'x', a: 'b', c: 'd"e\\f\ng\\x' }, value: -0.0015, timeMs: -5 },
      { labels: { __name__: 'go_info', v: 'é世' }, value: 3, timeMs: undefined },
      { labels: { __name__: 'last' }, value: Number.NaN, timeMs: undefined },
    ])
    expect(lines).toEqual([
      { kind: 'help', family: 'http_requests_total', text: 'Requests \\ by\nstatus "x".' },
      { kind: 'type', family: 'http_requests_total', text: 'counter' },
      { kind: 'type', family: 'x', text: 'unknown' },
    ])
  })

  it('reads quoted names', () => {
    const { samples, lines } = parse('# TYPE "a.b" gauge\n{"a.b","c d"="x",e="y"} 1\n{e="y","a.b"} 2\n{"quo\\"te"} 3\n')
    expect(samples.map((sample) => sample.labels)).toEqual([
      { __name__: 'a.b', 'c d': 'x', e: 'y' },
      { __name__: 'a.b', e: 'y' },
      { __name__: 'quo"te' },
    ])
    expect(lines).toEqual([{ kind: 'type', family: 'a.b', text: 'gauge' }])
  })

  it.each([
    ['1', 1],
    ['+1', 1],
    ['-0', -0],
    ['.5', 0.5],
    ['5.', 5],
    ['1e3', 1000],
    ['1E+03', 1000],
    ['0.1', 0.1],
    ['1.7976931348623157e308', 1.7976931348623157e308],
    ['5e-324', 5e-324],
    ['1e-400', 0],
    ['9007199254740993', 2 ** 53],
    ['0.30000000000000004', 0.30000000000000004],
    ['123456789012345678901234567890', 1.2345678901234568e29],
    ['+Inf', Number.POSITIVE_INFINITY],
    ['-inf', Number.NEGATIVE_INFINITY],
    ['Infinity', Number.POSITIVE_INFINITY],
    ['nan', Number.NaN],
  ])('reads the value %s', (text, value) => {
    expect(parse(`a ${text}\n`).samples[0].value).toBe(value)
  })

  it.each(['', '0x1p4', '1_000', '1e', '--1', '+', '.', 'e5', '+NaN', '1e400', 'Infi', '1,5', '1\r'])(
    'refuses the value %j',
    (text) => expect(errorOf(`a ${text}\n`)).toContain('expected a number as the value'),
  )

  it('says line, column, what was expected and what was found', () => {
    const cases = [
      'up{a="b" 1',
      'up{a="b',
      'up{a=b} 1',
      'up{a"b"} 1',
      'up{a="1",a="2"} 1',
      'up{1a="b"} 1',
      'up{"a"="b","c"} 1',
      '{a="b"} 1',
      'up{,} 1',
      'up{a="b";c="d"} 1',
      'up-x 1',
      '9up 1',
      'up 1 2.5',
      'up 1 2 3',
      'up',
      'up ',
      'up{a="b"}',
      '# TYPE up counted',
      '# TYPE 9 counter',
      '# HELP up-x text',
    ]
    expect(cases.map((text) => errorOf(`ok 1\n${text}\n`)).join('\n')).toMatchInlineSnapshot(`
      "line 2, column 3: expected a } that closes the labels, found "{a=\\"b\\""
      line 2, column 3: expected a closing " of a label value, found "{a=\\"b"
      line 2, column 6: expected a value in double quotes for the label "a", found "b}"
      line 2, column 5: expected = after the label name "a", found "\\"b\\"}"
      line 2, column 10: expected each label once: "a" is there twice, found "a=\\"2\\"}"
      line 2, column 4: expected a label name, found "1a=\\"b\\"}"
      line 2, column 12: expected one metric name, found "\\"c\\"}"
      line 2, column 1: expected a series with a metric name, found "{a=\\"b\\"}"
      line 2, column 4: expected a label name, found ",}"
      line 2, column 9: expected a , or } after a label, found ";c=\\"d\\"}"
      line 2, column 3: expected a blank or { after the metric name, found "-x"
      line 2, column 1: expected a metric name, { or #, found "9up"
      line 2, column 6: expected a time in whole milliseconds, or the end of the line, found "2.5"
      line 2, column 8: expected the end of the line, found "3"
      line 2, column 3: expected a blank or { after the metric name, found the end of the line
      line 2, column 4: expected a number as the value, found the end of the line
      line 2, column 10: expected a number as the value, found the end of the line
      line 2, column 11: expected a type (counter, gauge, histogram, summary, untyped), found "counted"
      line 2, column 8: expected a metric name, found "9"
      line 2, column 10: expected a blank after the metric name, found "-x""
    `)
  })

  it('refuses bytes that are no UTF-8', () => {
    const bad = (text: string) => Buffer.from(text.replace('?', '\xff'), 'latin1')
    expect(errorOf(bad('up{a="?"} 1'))).toContain('line 1, column 7: expected the value of the label "a" in UTF-8')
    expect(errorOf(bad('# HELP up ?'))).toContain('text in UTF-8')
  })
})

describe('OpenMetrics', () => {
  it('reads samples, times in seconds, exemplars, units and the end', () => {
    const { samples, lines } = parse(
      [
        '# TYPE foo_seconds counter',
        '# UNIT foo_seconds seconds',
        '# HELP foo_seconds Some \\"text\\".',
        'foo_seconds_total{a="b"} 17.0 1520879607.789 # {trace_id="x}\\"y"} 0.67 1520879607.1',
        'foo_seconds_created{a="b"} 1520430000.123 # {} 1',
        '# TYPE s stateset',
        's{s="a"} 1',
        '# EOF',
        '',
      ].join('\n'),
      'openmetrics',
    )
    expect(samples).toEqual([
      { labels: { __name__: 'foo_seconds_total', a: 'b' }, value: 17, timeMs: 1520879607789 },
      { labels: { __name__: 'foo_seconds_created', a: 'b' }, value: 1520430000.123, timeMs: undefined },
      { labels: { __name__: 's', s: 'a' }, value: 1, timeMs: undefined },
    ])
    expect(lines).toEqual([
      { kind: 'type', family: 'foo_seconds', text: 'counter' },
      { kind: 'unit', family: 'foo_seconds', text: 'seconds' },
      { kind: 'help', family: 'foo_seconds', text: 'Some "text".' },
      { kind: 'type', family: 's', text: 'stateset' },
    ])
  })

  it('says line, column, what was expected and what was found', () => {
    const cases = [
      'a 1',
      'a 1\n# EOF\nb 1',
      'a 1\n# EOF\n\n',
      '\na 1\n# EOF',
      'a  1\n# EOF\n',
      'a{b = "c"} 1\n# EOF\n',
      'a{b="c"}1\n# EOF\n',
      'a 1 x\n# EOF\n',
      'a 1 NaN\n# EOF\n',
      'a 1 # x\n# EOF\n',
      'a 1 # {a="b} 1\n# EOF\n',
      'a 1 # {a="b"} x\n# EOF\n',
      'a 1 # {a="b"} 1 2 3\n# EOF\n',
      '# comment\n# EOF\n',
      '# UNIT a_bytes seconds\n# EOF\n',
      '# TYPE a untyped\n# EOF\n',
      '#EOF\n',
    ]
    expect(cases.map((text) => errorOf(text, 'openmetrics')).join('\n')).toMatchInlineSnapshot(`
      "line 1, column 4: expected the end of the line, found the end of the answer
      line 3, column 1: expected nothing after "# EOF", found "b"
      line 3, column 1: expected nothing after "# EOF", found the end of the line
      line 1, column 1: expected a metric name, { or #, found the end of the line
      line 1, column 3: expected a number as the value, found " "
      line 1, column 4: expected = after the label name "b", found " "
      line 1, column 9: expected one space, found "1"
      line 1, column 5: expected a time in seconds, found "x"
      line 1, column 5: expected a time in seconds, found "NaN"
      line 1, column 4: expected an exemplar " # {...} value" or the end of the line, found " "
      line 1, column 7: expected a closing " of a label value, found "{a=\\"b}"
      line 1, column 15: expected a number as the value, found "x"
      line 1, column 18: expected the end of the line, found " "
      line 1, column 1: expected # HELP, # TYPE, # UNIT or # EOF, found "#"
      line 1, column 16: expected a unit that the name "a_bytes" ends in, found "seconds"
      line 1, column 10: expected a type (counter, gauge, histogram, gaugehistogram, summary, info, stateset, unknown), found "untyped"
      line 1, column 1: expected # HELP, # TYPE, # UNIT or # EOF, found "#EOF""
    `)
  })
})

describe('known texts', () => {
  const body = '# TYPE a counter\na{x="1"} 1\na{x="2"} 2\nb 3\nb{x="1"} 4\n# TYPE b gauge\n'

  it('are not parsed again, in whatever order they come', () => {
    const collector = new Collector()
    expect(collector.parse(body).newSeries).toBe(4)
    expect(collector.parse(body).newSeries).toBe(0)
    const turned = body.trim().split('\n').reverse().join('\n')
    expect(collector.parse(turned).newSeries).toBe(0)
    expect(collector.samples.map((sample) => sample.value)).toEqual([4, 3, 2, 1])
    expect(collector.lines.map((found) => found.family)).toEqual(['b', 'a'])
  })

  it('are not taken for longer or blank-separated ones that begin alike', () => {
    const collector = new Collector()
    collector.parse('a 1\n# TYPE a gauge\n')
    collector.parse('ab 1\n# TYPE a gauges x\n'.replace('gauges x', 'counter'))
    expect(collector.samples[0].labels).toEqual({ __name__: 'ab' })
    collector.parse('a {x="1"} 1\n')
    expect(collector.samples[0].labels).toEqual({ __name__: 'a', x: '1' })
  })

  it('survive compacting under new numbers', () => {
    const { tables } = new Collector().parse(body)
    tables.series.compact(Uint32Array.of(3, 1))
    const found = ['b{x="1"}', 'a{x="2"}', 'b'].map((text) => tables.series.find(Buffer.from(text), 0, text.length))
    expect(found).toEqual([0, 1, -1])
  })
})

describe('any input', () => {
  const name = fc.stringMatching(/^[a-zA-Z_:][a-zA-Z0-9_:]{0,8}$/)
  const labelName = fc.stringMatching(/^[a-zA-Z_][a-zA-Z0-9_]{0,5}$/).filter((text) => text !== '__name__')
  const sample = fc.record({
    name,
    labels: fc.dictionary(labelName, fc.string({ unit: 'grapheme' }), { maxKeys: 4, noNullPrototype: true }),
    value: fc.oneof(fc.double(), fc.integer()),
    timeMs: fc.option(fc.integer({ min: -1e13, max: 1e13 }), { nil: undefined }),
    blank: fc.constantFrom(' ', '\t', '  '),
  })
  const escaped = (text: string) => text.replace(/[\\"\n]/g, (found) => (found === '\n' ? '\\n' : `\\${found}`))
  const number = (value: number) => {
    if (Object.is(value, -0)) return '-0'
    return `${value}`.replace('Infinity', 'Inf')
  }
  const print = (found: typeof sample extends fc.Arbitrary<infer T> ? T : never) => {
    const labels = Object.entries(found.labels).map(([key, value]) => `${key}="${escaped(value)}"`)
    const series = labels.length === 0 ? found.name : `${found.name}{${labels.join(',')}}`
    const time = found.timeMs === undefined ? '' : `${found.blank}${found.timeMs}`
    return `${series}${found.blank}${number(found.value)}${time}\n`
  }

  it('comes back as it was printed, and as the naive parser reads it, also when known', () => {
    fc.assert(
      fc.property(fc.array(sample, { maxLength: 20 }), (wanted) => {
        const body = wanted.map(print).join('')
        const collector = new Collector()
        const first = collector.parse(body).samples
        expect(first).toEqual(parseNaively(body))
        expect(first.map(({ value }) => value)).toEqual(wanted.map(({ value }) => value))
        expect(collector.parse(body).samples).toEqual(first)
      }),
    )
  })

  it('rounds every number as the language does', () => {
    const text = fc.oneof(
      fc.double({ noNaN: true, noDefaultInfinity: true }).map(String),
      fc
        .tuple(fc.bigInt({ min: -(10n ** 20n), max: 10n ** 20n }), fc.integer({ min: -30, max: 30 }))
        .map(([m, e]) => `${m}e${e}`),
      fc.tuple(fc.nat(), fc.nat()).map(([whole, part]) => `${whole}.${part}`),
    )
    fc.assert(
      fc.property(text, (value) => {
        expect(parse(`a ${value}\n`).samples[0].value).toBe(Number(value))
      }),
    )
  })

  it('throws nothing but AppErrors', () => {
    const alphabet = fc.constantFrom(...'ab_:9{}"\\=,# \t\n.-+eE', '# HELP ', '# TYPE a ', '# EOF\n', 'NaN', '# {')
    const text = fc.array(alphabet, { maxLength: 60 }).map((parts) => parts.join(''))
    const body = fc.oneof(fc.uint8Array({ maxLength: 100 }), text)
    fc.assert(
      fc.property(body, fc.constantFrom<ExpositionFormat>('text', 'openmetrics'), (bytes, format) => {
        expect(errorOf(bytes, format)).toBeTypeOf('string')
      }),
      { numRuns: 2000 },
    )
  })
})
