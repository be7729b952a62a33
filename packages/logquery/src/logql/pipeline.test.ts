import { AppError } from '@tidewatch/core/error.ts'
import { Labels } from '@tidewatch/core/labels.ts'
import { expect, test } from 'vitest'
import { check } from './check.ts'
import { compileEntry } from './evaluate-logs.ts'
import { parse, parseLogQuery } from './parse.ts'

const nowMs = (): number => Date.UTC(2025, 0, 2, 3, 4, 5)

/** The line and labels behind a pipeline; undefined where the line is dropped. */
function run(stages: string, line: string, metadata: Record<string, string> = {}) {
  const entry = compileEntry(
    parseLogQuery(`{app="a"} ${stages}`),
    nowMs,
  )({
    timeNs: 1_735_689_600_123_456_789n,
    line,
    stream: Labels.from({ app: 'a' }),
    metadata: Labels.from(metadata),
  })
  return entry === undefined ? undefined : { line: entry.line, ...entry.labels.toObject() }
}

const format = (template: string, line = ''): string | undefined =>
  run(`| logfmt | line_format \`${template}\``, line)?.line

function refused(query: string): string | undefined {
  try {
    check(parse(query))
    return undefined
  } catch (error) {
    if (error instanceof AppError && error.code === 'query.parse') return error.message
    throw error
  }
}

test('json flattens objects, keeps digits of numbers, leaves arrays and nulls out, and the first of two equal names stays', () => {
  const line =
    '{"a b":"x\\n\\u00e4","n":12.50,"big":12345678901234567890,"o":{"p":{"q":true}},"l":[{"z":1}],"u":null,"n":2,"1x":"d","app":"inner"}'
  expect(run('| json', line)).toEqual({
    line,
    app: 'a',
    a_b: 'x\nä',
    n: '12.50',
    big: '12345678901234567890',
    o_p_q: 'true',
    _1x: 'd',
    app_extracted: 'inner',
  })
})

test('a line that is no JSON keeps what was read, with __error__', () => {
  expect(run('| json', '{"a":1, "b":')).toMatchObject({ a: '1', __error__: 'JSONParserErr' })
  expect(run('| json', 'plain')).toMatchObject({
    __error__: 'JSONParserErr',
    __error_details__: 'the line is no JSON object',
  })
  expect(run('| json | drop __error__, __error_details__', 'plain')).toEqual({ line: 'plain', app: 'a' })
  expect(run('| json | __error__=""', 'plain')).toBeUndefined()
  expect(run('| json', `${'{"a":'.repeat(1000)}1${'}'.repeat(1000)}`)).toMatchObject({ __error__: 'JSONParserErr' })
})

test('json expressions go through objects and arrays', () => {
  const line = '{"a":{"b":[{"c d":"x"},5],"n":null},"q":"\\"t\\""}'
  expect(run('| json x="a.b[0][\\"c d\\"]", y="a.b[1]", z="a.b", n="a.n", none="a.x", q', line)).toEqual({
    line,
    app: 'a',
    x: 'x',
    y: '5',
    z: '[{"c d":"x"},5]',
    q: '"t"',
  })
  expect(refused('{app="a"} | json x="a..b"')).toMatch(/cannot parse expression \[a\.\.b\]/)
})

test('logfmt: quotes, bare keys, flags, and what is malformed', () => {
  const line = 'a=1 b="x \\"y\\"" c d= e="" f=g=h i=2'
  expect(run('| logfmt', line)).toEqual({ line, app: 'a', a: '1', b: 'x "y"', i: '2' })
  expect(run('| logfmt --strict', line)).toMatchObject({ a: '1', __error__: 'LogfmtParserErr' })
  expect(run('| logfmt --strict', line)).not.toHaveProperty('i')
  expect(run('| logfmt --keep-empty | c="" | line_format `[{{.c}}]`', 'c')).toMatchObject({ line: '[]' })
  expect(run('| logfmt x="a", app', 'a=1 app=z b=2')).toEqual({
    line: 'a=1 app=z b=2',
    app: 'a',
    x: '1',
    app_extracted: 'z',
  })
  expect(run('| logfmt', 'a=1 a=2')).toMatchObject({ a: '1' })
})

test('regexp, pattern, unpack, decolorize', () => {
  expect(run('| regexp `(?P<m>\\w+) (?P<n>\\d+)`', 'GET 42')).toMatchObject({ m: 'GET', n: '42' })
  expect(run('| pattern `<m> <_> "<p>"`', 'GET x "y z')).toMatchObject({ m: 'GET', p: 'y z' })
  expect(run('| pattern `a <m>`', 'b c')).toEqual({ line: 'b c', app: 'a' })
  expect(run('| unpack', '{"_entry":"e","app":"b","n":{"x":"1"}}')).toEqual({ line: 'e', app: 'a', app_extracted: 'b' })
  expect(run('| decolorize', '\u001b[1;31mred\u001b[0m \u001b]0;title\u0007x')?.line).toBe('red x')
  expect(refused('{app="a"} | regexp `a(b)`')).toMatch(/named capture/)
  expect(refused('{app="a"} | regexp `(`')).toMatch(/missing closing|unexpected/)
  expect(refused('{app="a"} | pattern `<a><b>`')).toMatch(/between two captures/)
  expect(refused('{app="a"} | pattern `abc`')).toMatch(/at least one capture/)
  expect(refused('{app="a"} |> `<a> x`')).toMatch(/no captures with names/)
})

test('line filters: choices, patterns, addresses', () => {
  expect(run('|= "a" or "b"', 'xbx')).toBeDefined()
  expect(run('!= "a" or "b"', 'xbx')).toBeUndefined()
  expect(run('|~ "ab*c" !~ `z|y`', 'xacx')).toBeDefined()
  expect(run('|~ "x{0}y"', 'y')).toBeDefined()
  expect(run('|> "a<_>b<_>c"', 'a1b2c')).toBeDefined()
  expect(run('|> "a<_>b"', 'a1b2')).toBeUndefined()
  expect(run('|> "<_>b<_>b"', '1b')).toBeUndefined()
  expect(run('|= ip("10.0.0.0/8")', 'from 10.1.2.3:80')).toBeDefined()
  expect(run('!= ip("10.0.0.0-10.0.0.9")', 'from 10.0.0.5')).toBeUndefined()
  expect(run('|= ip("2001:db8::/32")', 'at [2001:db8::7]:443')).toBeDefined()
  expect(refused('{app="a"} |~ ip("10.0.0.0/8")')).toMatch(/ip: invalid operation/)
  expect(refused('{app="a"} |= ip("10.0.0/8")')).toMatch(/ip: invalid pattern/)
})

test('label filters: missing labels, units, errors that stay', () => {
  expect(run('| logfmt | d > 1s', 'd=1500ms')).toBeDefined()
  expect(run('| logfmt | d > 1s', 'x=1')).toBeUndefined()
  expect(run('| logfmt | d > 1s', 'd=oops')).toMatchObject({ __error__: 'LabelFilterErr' })
  expect(run('| logfmt | s >= 1KiB and s < 2KB', 's=1024')).toBeDefined()
  expect(run('| logfmt | n = 5 or m != 7', 'n=4 m=8')).toBeDefined()
  expect(run('| logfmt | n == -0.5e1', 'n=-5')).toBeDefined()
  expect(run('| logfmt | x = ip("10.0.0.1")', 'x=10.0.0.1')).toBeDefined()
  expect(run('| logfmt | x =~ "a|b.*"', 'x=bcd')).toBeDefined()
  expect(run('| trace = "t1"', '', { trace: 't1' })).toMatchObject({ trace: 't1' })
})

test('labels sent with the line give way to those of the stream, and to those that parsers find', () => {
  expect(run('| logfmt', 'u=2', { u: '1', app: 'm' })).toEqual({ line: 'u=2', app: 'a', u: '2', app_extracted: 'm' })
  expect(run('| keep app, u="1"', '', { u: '2' })).toEqual({ line: '', app: 'a' })
  expect(run('| label_format app="{{.u}}", v=u', '', { u: '1' })).toEqual({ line: '', app: '1', v: '1' })
})

test('templates: the functions of Loki', () => {
  expect(
    format('{{ .a | upper | trunc 3 }}|{{ substr 1 3 .a }}|{{ alignRight 6 .a }}|{{ alignLeft 2 .a }}', 'a=abcd'),
  ).toBe('ABC|bc|  abcd|ab')
  expect(
    format(
      '{{ add 1 .n 2 }} {{ div 7 2 }} {{ mod 7 4 }} {{ mulf .n 1.5 }} {{ round 2.567 1 }} {{ max 1 .n 3 }}',
      'n=5',
    ),
  ).toBe('8 3 3 7.5 2.6 5')
  expect(
    format('{{ Replace .a "b" "x" 1 }} {{ TrimPrefix .a "a" }} {{ trimSuffix "b" .a }} {{ repeat 2 .a }}', 'a=abb'),
  ).toBe('axb bb ab abbabb')
  expect(format('{{ regexReplaceAllLiteral "b+" .a "$1" }} {{ count "b" .a }} {{ default "d" .none }}', 'a=abb')).toBe(
    'a$1 2 d',
  )
  expect(format('{{ b64enc .a }} {{ b64dec "w6Q=" }} {{ urlencode "a b&" }} {{ urldecode "a+b%26" }}', 'a=ä')).toBe(
    'w6Q= ä a+b%26 a b&',
  )
  expect(
    format('{{ $o := fromJson __line__ }}{{ $o.x.y }} {{ range $o.l }}<{{ . }}>{{ end }}', '{"x":{"y":"z"},"l":[1,2]}'),
  ).toBe('z <1><2>')
  expect(
    format('{{ __timestamp__ | date "2006-01-02T15:04:05.000Z07:00" }} {{ __timestamp__ | unixEpochMillis }}'),
  ).toBe('2025-01-01T00:00:00.123Z 1735689600123')
  expect(
    format(
      '{{ toDate "2006-01-02 15:04" "2024-02-29 08:30" | unixEpoch }} {{ toDateInZone "2006-01-02" "Europe/Berlin" "2024-07-01" | unixEpoch }}',
    ),
  ).toBe('1709195400 1719784800')
  expect(
    format(
      '{{ unixToTime "1704067200" | date "Jan 2, 2006" }} {{ now | date "15:04:05" }} {{ duration "1m30s" }} {{ bytes "2KB" }}',
    ),
  ).toBe('Jan 1, 2024 03:04:05 90 2000')
  expect(
    format(
      '{{ contains "b" .a }} {{ hasPrefix "a" .a }} {{ hasSuffix "a" .a }} {{ indent 2 .a }}{{ nindent 1 .a }}',
      'a=ab',
    ),
  ).toBe('true true false   ab\n ab')
})

test('a template that fails at a line keeps the line, with __error__; one that is none is refused', () => {
  expect(run('| line_format `{{ div 1 0 }}`', 'x')).toMatchObject({ line: 'x', __error__: 'TemplateFormatErr' })
  expect(run('| line_format `{{ repeat 2000000 "x" }}`', 'x')).toMatchObject({ __error__: 'TemplateFormatErr' })
  expect(refused('{app="a"} | line_format "{{"')).toBeDefined()
  expect(refused('{app="a"} | line_format "{{ nothing .x }}"')).toMatch(/function "nothing" not defined/)
  expect(refused('{app="a"} | label_format a="x", a="y"')).toMatch(/multiple label name 'a'/)
  expect(refused('{app="a"} | label_format __error__="x"')).toMatch(/cannot be formatted/)
})

test('what Loki refuses after the grammar', () => {
  expect(refused('{app=~".*"}')).toMatch(/at least one regexp or equality matcher/)
  expect(refused('{app=""}')).toBeDefined()
  expect(refused('{app=~".+"}')).toBeUndefined()
  expect(refused('{app=~"("}')).toBeDefined()
  expect(refused('avg_over_time({app="a"}[1m])')).toMatch(/without unwrap/)
  expect(refused('count_over_time({app="a"} | logfmt | unwrap x [1m])')).toMatch(/with unwrap/)
  expect(refused('sum_over_time({app="a"} | logfmt | unwrap x [1m]) by (y)')).toMatch(/grouping not allowed/)
  expect(refused('quantile_over_time({app="a"} | logfmt | unwrap x [1m])')).toMatch(/parameter required/)
  expect(refused('topk(rate({app="a"}[1m]))')).toMatch(/parameter required/)
  expect(refused('sum(2, rate({app="a"}[1m]))')).toMatch(/unsupported parameter/)
  expect(refused('topk(0, rate({app="a"}[1m]))')).toMatch(/greater than 0/)
  expect(refused('sort(rate({app="a"}[1m])) by (x)')).toMatch(/grouping not allowed/)
  expect(refused('rate({app="a"}[1m]) or 1')).toMatch(/unexpected literal/)
  expect(refused('rate({app="a"}[1m]) + bool 1')).toMatch(/bool modifier/)
  expect(refused('label_replace(rate({app="a"}[1m]), "x", "$1", "y", "(")')).toBeDefined()
})
