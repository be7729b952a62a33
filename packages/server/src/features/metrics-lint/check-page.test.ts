import { expect, it } from 'vitest'
import { checkPage } from './check-page.ts'

it.each([
  ['# HELP a_total A.\n# TYPE a_total counter\na_total{x="\\"\\n"} 1 1700000000000\n', []],
  ['# any comment\n\n \t# HELP\n', []],
  ['{"größe.total", a="b"} 1\n', ['größe.total no help text']],
  ['# HELP x X\n# TYPE x summary\nx{quantile="0.5"} 1\nx{quantile="0.9"} 2\nx_sum 3\nx_count 2\n', []],
  [
    '# HELP x_count X\n# TYPE x_count gauge\nx_count{quantile="1"} 1\n',
    [
      'x_count non-histogram and non-summary metrics should not have "_count" suffix',
      'x_count non-summary metrics should not have "quantile" label',
    ],
  ],
  ['# HELP x_kilobytes X\nx_kilobytes 1\n', ['x_kilobytes use base unit "bytes" instead of "kilobytes"']],
])('complains of %j', (page, lines) => {
  expect(checkPage(page)).toEqual({ exitCode: lines.length > 0 ? 3 : 0, lines, table: [] })
})

it.each([
  ['a{b="c"} 1 soon\n', 'line 1: expected integer as timestamp, got "soon"'],
  ['a 1 2 3\n', 'line 1: spurious string after timestamp: " 3"'],
  ['a{b=c} 1\n', "line 1: expected '\"' at start of label value, found 'c'"],
  ['a{b} 1\n', "line 1: expected '=' after label name, found '}'"],
  ['a{b="1",b="2"} 1\n', 'line 1: duplicate label names for metric "a"'],
  ['a{__name__="b"} 1\n', 'line 1: label name "__name__" is reserved'],
  ['a 1\n# HELP a A\n# HELP a B\n', 'line 3: second HELP line for metric name "a"'],
  ['# TYPE a number\n', 'line 1: unknown metric type "number"'],
  ['{} 1\n', 'line 1: invalid metric name'],
  ['a{b="\\x"} 1\n', "line 1: invalid escape sequence '\\x'"],
  ['1a 1\n', 'line 1: invalid metric name'],
])('cannot read %j', (page, message) => {
  const text = `error while linting: text format parsing error in ${message}`
  expect(checkPage(page)).toEqual({ exitCode: 1, lines: [text], table: [] })
})

it('counts the series of each metric, and leaves names alone when told so', () => {
  const page = `# TYPE a_total counter
a_total{x="1"} 1
a_total{x="2"} 2
# TYPE b histogram
b_bucket{y="1",le="1"} 1
b_bucket{y="1",le="+Inf"} 2
b_sum{y="1"} 1
b_count{y="1"} 2
b_bucket{y="2",le="+Inf"} 0
# TYPE c summary
c{quantile="0.5"} 1
c_sum 1
c_count 1
d 1
`
  expect(checkPage(page, { lint: false, extended: true })).toEqual({
    exitCode: 0,
    lines: [],
    table: [
      'Metric     Cardinality    Percentage    ',
      'b          8              57.14%        ',
      'c          3              21.43%        ',
      'a_total    2              14.29%        ',
      'd          1              7.14%         ',
      'Total      14             100%          ',
    ],
  })
})
