// Templates come from people, and some of those may mean harm: nothing runs without end, fills the memory, or reaches beyond the data.
import { AppError } from '@tidewatch/core/error.ts'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { builtInMail } from './notification/built-in-mail.ts'
import { builtInText } from './notification/built-in-text.ts'
import { type NotificationData, NotificationTemplates } from './notification-templates.ts'

const labels = { alertname: 'Down', instance: 'a:1', constructor: 'label', severity: 'critical' }
const data: NotificationData = {
  receiver: 'team',
  status: 'firing',
  alerts: [
    {
      status: 'firing',
      labels,
      annotations: { summary: 'a is <down>' },
      startsAt: 1_700_000_000_000,
      endsAt: undefined,
      generatorURL: 'http://prometheus/graph?a=b&c',
      fingerprint: '0123456789abcdef',
    },
  ],
  groupLabels: { alertname: 'Down' },
  commonLabels: labels,
  commonAnnotations: {},
  externalURL: 'https://tidewatch.example',
}
const templates = NotificationTemplates.parse([])

function codeOf(run: () => string): string {
  try {
    return `output: ${run()}`
  } catch (error) {
    return error instanceof AppError ? error.code : `${error}`
  }
}

describe('what does not end ends with template.limit', () => {
  const nested = (open: string, close: string, count: number, inner: string): string =>
    open.repeat(count) + inner + close.repeat(count)
  const chain = Array.from({ length: 2000 }, (_, i) => `{{define "t${i}"}}{{template "t${i + 1}" .}}{{end}}`).join('')

  test.each([
    ['a range', '{{range 1000000000}}{{end}}'],
    ['ranges in ranges', '{{range 100000}}{{range 100000}}{{end}}{{end}}'],
    ['recursion', '{{define "a"}}{{template "a" .}}{{end}}{{template "a" .}}'],
    ['recursion in two', '{{define "a"}}{{template "a" .}}{{template "a" .}}{{end}}{{template "a" .}}'],
    [
      'recursion through deep blocks',
      `{{define "a"}}${nested('{{if true}}', '{{end}}', 190, '{{template "a" .}}')}{{end}}{{template "a" .}}`,
    ],
    [
      'recursion through deep parentheses',
      `{{define "a"}}{{if ${nested('(', ')', 190, 'true')}}}{{template "a" .}}{{end}}{{end}}{{template "a" .}}`,
    ],
    ['a chain of templates', `${chain}{{define "t2000"}}end{{end}}{{template "t0" .}}`],
    ['an output', `{{range 50000}}${'0123456789'.repeat(80)}{{end}}`],
    ['a text that doubles', '{{$x := "ab"}}{{range 100}}{{$x = printf "%s%s" $x $x}}{{end}}'],
    ['a list that doubles', '{{$x := list 1}}{{range 100}}{{$x = list $x $x}}{{end}}{{$x}}'],
    ['a list in a list', '{{$x := list 1}}{{range 100000}}{{$x = list $x}}{{end}}{{toJson $x}}'],
    ['a dictionary that doubles', '{{$x := dict}}{{range 100}}{{$x = dict "a" $x "b" $x}}{{end}}{{toJson $x}}'],
    ['a list that grows', '{{$x := list}}{{range 4000000}}{{$x = append $x 1}}{{end}}'],
    ['wide numbers', `{{printf "${'%1000000d'.repeat(100)}" ${'1 '.repeat(100)}}}`],
    [
      'one text joined',
      '{{$x := printf "%1000000d" 1}}{{join $x (stringSlice "" "" "" "" "" "" "" "" "" "" "" "" "" "" "" "" "" "" "")}}',
    ],
    ['a replacement', '{{$x := printf "%1000000d" 1}}{{reReplaceAll " " $x $x}}'],
    ['long texts changed often', '{{$x := printf "%1000000d" 1}}{{range 1000000}}{{$y := toUpper $x}}{{end}}'],
    ['expressions built often', '{{range 1000000}}{{if match "(a{1,50}){1,20}" "aaaa"}}{{end}}{{end}}'],
    ['titles', '{{$x := printf "%1000000d" 1}}{{range 1000000}}{{$y := title $x}}{{end}}'],
    ['a layout', '{{$x := printf "%1000000d" 1}}{{now | date $x}}'],
    ['the same data again and again', `{{$x := list . . . .}}{{range 20}}{{$x = list $x $x $x}}{{end}}{{$x}}`],
    ['blocks in one another', '{{if 1}}'.repeat(1000)],
    ['parentheses in one another', `{{${'('.repeat(1000)}1`],
  ])('%s', (_name, text) => {
    expect(codeOf(() => templates.text(text, data, { maxSteps: 200_000 }))).toBe('template.limit')
    expect(codeOf(() => templates.html(text, data, { maxSteps: 200_000 }))).toBe('template.limit')
  })

  test('a range, with the limits of production', () => {
    expect(codeOf(() => templates.text('{{range 1000000000}}{{end}}', data))).toBe('template.limit')
  })

  test('following the text of a mail through loops in loops', () => {
    const text = nested('{{range $.Alerts}}', '{{end}}', 60, '<b>')
    expect(codeOf(() => templates.html(text, data))).toBe('template.limit')
    expect(codeOf(() => templates.text(text, data))).toMatch(/^output: /)
  })

  test('a text longer than a million characters', () => {
    expect(codeOf(() => templates.text(`{{/* */}}${'x'.repeat(1_000_001)}`, data))).toBe('template.limit')
  })
})

describe('nothing but the data is reached', () => {
  test.each([
    '{{.constructor}}',
    '{{.__proto__}}',
    '{{.prototype}}',
    '{{.Alerts.constructor}}',
    '{{.Alerts.length}}',
    '{{.Alerts.items}}',
    '{{(index .Alerts 0).fields}}',
    '{{(index .Alerts 0).StartsAt.atNs}}',
    '{{.Status.length}}',
    '{{.Receiver.constructor}}',
    '{{"x".constructor}}',
    '{{(print "x").constructor}}',
    '{{constructor}}',
    '{{toString}}',
    '{{__proto__}}',
    '{{call .Alerts.Firing}}',
    '{{.Alerts.Firing.hasOwnProperty "x"}}',
    '{{template "constructor"}}',
    '{{template "__proto__"}}',
    '{{index .Alerts "constructor"}}',
  ])('%s', (text) => {
    for (const run of [() => templates.text(text, data), () => templates.html(text, data)]) {
      expect(codeOf(run)).toMatch(/^template\.(?:parse|execute)$/)
    }
  })

  test('of maps only what is in them', () => {
    const text =
      '{{.CommonLabels.constructor}} {{.CommonLabels.toString}}|{{.CommonLabels.__proto__}}|{{(dict).constructor}}'
    expect(templates.text(text, data)).toBe('label ||<no value>')
    expect(templates.text('{{$d := dict "__proto__" 1}}{{$d.__proto__}} {{toJson $d}} {{len $d}}', data)).toBe(
      '1 {"__proto__":1} 1',
    )
  })

  test('a mail runs nothing', () => {
    const evil: NotificationData = {
      ...data,
      receiver: '"><script>alert(1)</script>',
      externalURL: 'javascript:alert(1)',
      commonLabels: { alertname: '</title><script>alert(1)</script>' },
      alerts: data.alerts.map((alert) => ({
        ...alert,
        labels: { '<img src=x onerror=alert(1)>': '<svg onload=alert(1)>' },
        annotations: { summary: '\'"><script>alert(1)</script>' },
        generatorURL: 'javascript:alert(1)',
      })),
    }
    const mail = templates.html('{{ template "email.default.html" . }}', evil)
    expect(mail).not.toMatch(/<script|<img|<svg|href="javascript/i)
    expect(mail).toContain('href="#ZgotmplZ"')
  })
})

const corpus = [
  builtInText.text.slice(0, 2000),
  builtInMail.text,
  '{{ template "email.default.html" . }}',
  '{{ range $i, $a := .Alerts }}{{ $i }}{{ with $a.Labels }}{{ .alertname | printf "%-10.3s|" }}{{ else }}x{{ end }}{{ end }}',
  '{{ if and (eq .Status "firing") (gt (len .Alerts) 0) }}<a href="{{ .ExternalURL }}?q={{ .Receiver }}">{{ end }}',
  '{{ (index .Alerts 0).StartsAt.Add 3600000000000 | tz "Europe/Berlin" | date "Mon Jan _2 15:04:05.000 MST 2006" }}',
  '{{ toJson (dict "a" (list 1 2.5 `x` nil true) "b" .CommonLabels) }}{{ printf "%[2]*.[1]*f %+v %#x %T %U %q" 2 6 1.5 . "x" 65 66 }}',
  '<script>var a = {{ .Alerts }}, b = "{{ .Status }}", c = `${ {{ .Receiver }} }`, d = /{{ .Status }}/g;</script>',
  '<style>p { color: {{ .Status }}; background: url("{{ .ExternalURL }}") }</style><p title={{ .Status }} style="a:{{ .Status }}">',
  '{{ define "x" }}{{ block "y" .Alerts }}{{ range . }}{{ continue }}{{ end }}{{ end }}{{ end }}{{ template "x" . }}{{ since now }}',
]
const pieces = [
  '{{',
  '}}',
  ' -}}',
  '{{- ',
  'end',
  'else',
  '(',
  ')',
  '|',
  '"',
  "'",
  '`',
  '$',
  '.',
  '<',
  '>',
  '/*',
  '=',
  ',',
  '\\',
  '\u0000',
  '\ud800',
  '0x',
  '1e',
  '%',
]

test('damaged templates fail as templates do, and in no other way', () => {
  const damage = fc.array(
    fc.record({
      at: fc.nat(3000),
      remove: fc.nat(8),
      insert: fc.oneof(fc.constantFrom(...pieces), fc.string({ maxLength: 4, unit: 'binary' })),
    }),
    { minLength: 1, maxLength: 4 },
  )
  fc.assert(
    fc.property(fc.constantFrom(...corpus), damage, (text, changes) => {
      let damaged = text
      for (const { at, remove, insert } of changes) {
        const place = at % (damaged.length + 1)
        damaged = damaged.slice(0, place) + insert + damaged.slice(place + remove)
      }
      for (const run of [() => templates.text(damaged, data), () => templates.html(damaged, data)]) {
        expect(codeOf(run)).toMatch(/^(?:output: |template\.(?:parse|execute|limit)$)/)
      }
    }),
    { numRuns: 150 },
  )
})
