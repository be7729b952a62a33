import { describe, expect, test } from 'vitest'
import { toLowerSimple, toUpperSimple } from './letter-case.ts'

describe('letters, one for one', () => {
  test('become capitals as in Go: what has no capital of one letter stays', () => {
    expect(toUpperSimple('foo-Bar 1')).toBe('FOO-BAR 1')
    expect(toUpperSimple('straße ﬃ ŉ ǆ ᾳ ᾀ 𐐨 ა')).toBe('STRAßE ﬃ ŉ Ǆ ᾼ ᾈ 𐐀 Ა')
  })

  test('become small as in Go, wherever they stand', () => {
    expect(toLowerSimple('FOO-Bar 1')).toBe('foo-bar 1')
    expect(toLowerSimple('İSTANBUL ΑΣ ẞ 𐐀 ᾼ')).toBe('istanbul ασ ß 𐐨 ᾳ')
  })
})
