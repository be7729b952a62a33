import { describe, expect, test } from 'vitest'
import { isMap, isScalar, parseDocument } from 'yaml'
import { badEscape, controlCharacterAt, type Resolved, resolveScalar } from './resolve.ts'

function resolve(text: string): string {
  const { contents } = parseDocument(`x: ${text}\n`, { version: '1.1', merge: false, logLevel: 'silent' })
  const node = isMap(contents) ? contents.items[0]?.value : undefined
  const resolved: Resolved = isScalar(node) ? resolveScalar(node) : { kind: 'null' }
  return 'value' in resolved ? `${resolved.kind} ${resolved.value}` : resolved.kind
}

describe("a scalar is what Go's decoder makes of it", () => {
  test.each([
    ['0o17', 'int 15'],
    ['017', 'int 15'],
    ['08', 'float 8'],
    ['0X1F', 'int 31'],
    ['-0b11', 'int -3'],
    ['1_000', 'int 1000'],
    ['18446744073709551615', 'int 18446744073709551615'],
    ['18446744073709551616', 'float 18446744073709552000'],
    ['1e3', 'float 1000'],
    ['.5', 'float 0.5'],
    ['5.', 'float 5'],
    ['-.inf', 'float -Infinity'],
    ['1e400', 'text'],
    ['1:30', 'text'],
    ['_1', 'text'],
    ['2001-01-01', 'text'],
    ['Off', 'bool false'],
    ['tRUE', 'text'],
    ['~', 'null'],
    ['nULL', 'text'],
    ["'5'", 'text'],
    ['!!float "5"', 'float 5'],
    ['!!str 5', 'text'],
    ['!!int x', 'fault'],
    ['!!int 1e3', 'fault'],
    ['!!null x', 'fault'],
    ['!!timestamp x', 'fault'],
  ])('%s: %s', (text, expected) => expect(resolve(text)).toBe(expected))

  test('characters and escapes that it refuses are found', () => {
    expect(controlCharacterAt('a: é\t日\u0007')).toBe(6)
    expect(controlCharacterAt('a: é\t日\r\n')).toBeUndefined()
    expect(badEscape('"\\\\/ \\u00e9 \\U0001f600"')).toBeUndefined()
    expect([badEscape('"a\\/b"'), badEscape('"\\ud800"'), badEscape('"\\U00110000"')]).toEqual([
      '\\/',
      '\\ud800',
      '\\U00110000',
    ])
  })
})
