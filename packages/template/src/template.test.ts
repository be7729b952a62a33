import { AppError } from '@tidewatch/core/error.ts'
import { describe, expect, test } from 'vitest'
import { createTemplate, type TemplateOptions } from './template.ts'
import { List, StringMap, Struct, Time, type Value } from './value.ts'

const run = (text: string, data: Value = undefined, options: Partial<TemplateOptions> = {}): string =>
  createTemplate(text, { name: 't', ...options }).execute(data)

function failure(text: string, data: Value = undefined, options: Partial<TemplateOptions> = {}): unknown {
  try {
    return run(text, data, options)
  } catch (error) {
    return error instanceof AppError ? { code: error.code, message: error.message, where: error.where } : error
  }
}

describe('errors', () => {
  test('of the text name its line', () => {
    expect(failure('a\n{{if}}')).toEqual({
      code: 'template.parse',
      message: 'template: t:2: missing value for if',
      where: { line: 2, column: 4 },
    })
    expect(failure('{{.x\n  @}}')).toMatchObject({ message: 'template: t:2: unexpected "@" in operand' })
    expect(failure('{{ "a\nb" }}')).toMatchObject({ message: 'template: t:1: unterminated quoted string' })
    expect(failure('{{ .a\n')).toMatchObject({ message: 'template: t:2: unclosed action started at t:1' })
  })

  test('of an execution name line, column in bytes and the node', () => {
    expect(failure('ä\nö {{len 3}}')).toEqual({
      code: 'template.execute',
      message: 'template: t:2:5: executing "t" at <len 3>: error calling len: len of type int',
      where: { line: 2, column: 5 },
    })
    expect(failure('{{define "a"}}{{.x.y}}{{end}}{{template "a" .}}', new Map([['x', 1n]]))).toMatchObject({
      message: 'template: t:1:18: executing "a" at <.x.y>: can\'t evaluate field y in type interface {}',
    })
  })
})

describe('limits', () => {
  test('loops, recursion and texts that grow end with an error', () => {
    const grow = `{{$x := "ab"}}{{range 100}}{{$x = printf "%s%s" $x $x}}{{end}}`
    expect(failure('{{range 1000000000}}{{end}}')).toMatchObject({ code: 'template.limit' })
    expect(failure('{{range 1000000000}}x{{end}}')).toMatchObject({ code: 'template.limit' })
    expect(failure('{{define "a"}}{{template "a"}}{{end}}{{template "a"}}')).toMatchObject({ code: 'template.limit' })
    expect(failure(grow)).toMatchObject({ code: 'template.limit' })
    expect(failure('{{range 100}}long text {{end}}', undefined, { maxOutput: 100 })).toMatchObject({
      code: 'template.limit',
      message: expect.stringContaining('the output is longer than 100 characters'),
    })
  })

  test('texts that are too long or too deep are refused', () => {
    expect(failure(`{{${'('.repeat(1000)}1`)).toMatchObject({ code: 'template.limit' })
    expect(failure('{{if 1}}'.repeat(1000))).toMatchObject({ code: 'template.limit' })
    expect(failure('x'.repeat(1_000_001))).toMatchObject({ code: 'template.limit' })
  })

  test('data is not reached through what JavaScript adds to it', () => {
    expect(run('{{.constructor}} {{.__proto__}}', new Map([['a', 1n]]))).toBe('<no value> <no value>')
    expect(failure('{{.constructor}}', new Struct('S', { A: 1n }))).toMatchObject({ code: 'template.execute' })
    expect(failure('{{toString 1}}')).toMatchObject({ message: 'template: t:1: function "toString" not defined' })
  })
})

describe('data', () => {
  test('structs have fields and methods, and refuse what they do not have', () => {
    const methods = { Join: { params: ['string'] as const, call: (_self: Value, by: Value) => `a${String(by)}b` } }
    const struct = new Struct('my.Thing', { Name: 'x', Size: 1.5 }, methods)
    expect(run('{{.Name}} {{.Join "-"}} {{"+" | .Join}} {{.}}', struct)).toBe('x a-b a+b {x 1.5}')
    expect(failure('{{.Nope}}', struct)).toMatchObject({
      message: `template: t:1:2: executing "t" at <.Nope>: can't evaluate field Nope in type my.Thing`,
    })
    expect(failure('{{.Join 1}}', struct)).toMatchObject({
      message: 'template: t:1:8: executing "t" at <1>: expected string; found 1',
    })
  })

  test('lists of a type have methods too', () => {
    const first = { params: [], call: (): Value => 'first' }
    const list = new List('my.List', ['a', 'b'], { First: first })
    expect(run('{{.First}} {{len .}} {{range .}}{{.}}{{end}} {{index . 1}}', list)).toBe('first 2 ab b')
  })

  test.each([
    ['default', '<no value>|<no value>'],
    ['zero', '|<no value>'],
  ] as const)('a missing key with missingkey=%s', (missingKey, expected) => {
    const data = new Map<string, Value>([
      ['strings', new StringMap({ a: 'b' })],
      ['any', new Map([['a', 'b']])],
    ])
    expect(run('{{.strings.x}}|{{.any.x}}', data, { missingKey })).toBe(expected)
  })

  test('times have the methods of Go', () => {
    const time = new Time(1_435_065_584_128_000_001n)
    expect(run('{{.}}', time)).toBe('2015-06-23 13:19:44.128000001 +0000 UTC')
    expect(run('{{.Format "Mon Jan _2 15:04:05.000 MST 2006, 3:04PM, 002, Z07:00"}}', time)).toBe(
      'Tue Jun 23 13:19:44.128 UTC 2015, 1:19PM, 174, Z',
    )
    expect(run('{{.Unix}} {{.UnixMilli}} {{.Year}} {{.Month}} {{.Weekday}} {{.YearDay}}', time)).toBe(
      '1435065584 1435065584128 2015 June Tuesday 174',
    )
  })

  test('own functions take the place of built-in ones', () => {
    const functions = { len: { params: ['any'] as const, call: () => 'mine' } }
    expect(run('{{len 1}}', undefined, { functions })).toBe('mine')
  })
})
