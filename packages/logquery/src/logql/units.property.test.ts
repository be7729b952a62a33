// Durations, sizes and numbers of labels against what they mean, and against the grammar of Go's.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseDurationNs, parseFloatText, parseSize } from './units.ts'

const unitNs = { ns: 1n, us: 1000n, µs: 1000n, ms: 1_000_000n, s: 10n ** 9n, m: 60n * 10n ** 9n, h: 3600n * 10n ** 9n }
const component = fc.record({
  // four of them are less than 2^53 ns
  whole: fc.nat({ max: 600 }),
  fraction: fc.option(fc.stringMatching(/^\d{1,6}$/), { nil: '' }),
  unit: fc.constantFrom(...(Object.keys(unitNs) as (keyof typeof unitNs)[])),
})

test('a duration is the sum of its parts, each without what is left of a nanosecond', () => {
  fc.assert(
    fc.property(fc.array(component, { minLength: 1, maxLength: 4 }), fc.constantFrom('', '-', '+'), (parts, sign) => {
      const text = parts
        .map(({ whole, fraction, unit }) => `${whole}${fraction === '' ? '' : `.${fraction}`}${unit}`)
        .join('')
      const total = parts.reduce(
        (sum, { whole, fraction, unit }) =>
          sum +
          BigInt(whole) * unitNs[unit] +
          (fraction === '' ? 0n : (BigInt(fraction) * unitNs[unit]) / 10n ** BigInt(fraction.length)),
        0n,
      )
      expect(parseDurationNs(sign + text), sign + text).toBe(Number(sign === '-' ? -total : total) || 0)
    }),
    { numRuns: 200, examples: [[[{ whole: 0, fraction: '29', unit: 's' }], '']] },
  )
})

const powers = ['', 'K', 'M', 'G', 'T']

test('a size is its number times its unit, whatever the case, with commas and blanks', () => {
  fc.assert(
    fc.property(
      fc.nat({ max: 1_000_000 }),
      fc.nat({ max: 4 }),
      fc.constantFrom(['', 1000], ['B', 1000], ['i', 1024], ['iB', 1024]),
      fc.func(fc.boolean()),
      (count, power, [suffix, base], isLower) => {
        const unit = `${powers[power]}${power === 0 ? String(suffix).replace('i', '') : suffix}`
        const cased = Array.from(unit, (c, i) => (isLower(i) ? c.toLowerCase() : c)).join('')
        const size = count * Number(base) ** power
        for (const text of [`${count}${cased}`, `${count} ${cased} `, `${count.toLocaleString('en-US')}${cased}`])
          expect(parseSize(text), text).toBe(size)
      },
    ),
    { numRuns: 100 },
  )
  expect([parseSize('16EiB'), parseSize('1.2.3KB'), parseSize('KB'), parseSize('5 KBit')]).toEqual(
    Array(4).fill(undefined),
  )
})

const goFloat =
  /^(?:[+-]?(?:\d+(?:_\d+)*\.?(?:\d+(?:_\d+)*)?|\.\d+(?:_\d+)*)(?:e[+-]?\d+(?:_\d+)*)?|[+-]?inf(?:inity)?|nan)$/i

test('a number is what Go takes for one, and the same one', () => {
  fc.assert(
    fc.property(fc.double({ noNaN: true }), (value) => {
      for (const text of [String(value), value.toExponential()]) expect(parseFloatText(text), text).toBe(Number(text))
    }),
  )
  const texts = fc.oneof(
    fc.stringMatching(/^[+\-._eE0-9]{1,8}$/),
    fc.constantFrom('Infinity', '-inf', 'NaN', 'constructor', '__proto__', 'in_f', ' 1', '1 ', '0b1', '٣', ''),
  )
  fc.assert(
    fc.property(texts, (text) => {
      const plain = Number(
        text
          .replaceAll('_', '')
          .toLowerCase()
          .replace(/inf(?:inity)?/, 'Infinity'),
      )
      const isBeyond = /\d/.test(text) && !Number.isFinite(plain)
      expect(parseFloatText(text), text).toBe(goFloat.test(text) && !isBeyond ? plain : undefined)
    }),
    { numRuns: 1000 },
  )
  fc.assert(
    fc.property(fc.nat(), fc.integer({ min: -60, max: 60 }), (mantissa, exponent) => {
      expect(parseFloatText(`-0x${mantissa.toString(16)}p${exponent}`)).toBe(-mantissa * 2 ** exponent)
      expect(parseFloatText(`0X.${mantissa.toString(16).padStart(8, '0')}P${exponent}`)).toBe(
        mantissa * 2 ** (exponent - 32),
      )
    }),
  )
  expect(['0x_1_2.3_4_5p+1_2', '0x1__2p1', '0xp1', '0x1', '1e999', '0x1p2000'].map(parseFloatText)).toEqual([
    0x12345 * 2 ** -12 * 2 ** 12,
    ...Array(5).fill(undefined),
  ])
})
