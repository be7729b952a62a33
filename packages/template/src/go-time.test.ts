import { expect, test } from 'vitest'
import { createDuration } from './go-duration.ts'
import { createTemplate } from './template.ts'
import { findZone, utcZone } from './time-zone.ts'
import { Time, type Value } from './value.ts'

const run = (text: string, data: Value): string => createTemplate(text, { name: 't' }).execute(data)
const at = (iso: string, zone = 'UTC'): Time =>
  new Time(BigInt(Date.parse(iso)) * 1_000_000n, findZone(zone) ?? utcZone)

test.each([
  ['2026-03-29T00:59:59Z', 'Europe/Berlin', '2026-03-29 01:59:59 +0100 CET'],
  ['2026-03-29T01:00:00Z', 'Europe/Berlin', '2026-03-29 03:00:00 +0200 CEST'],
  ['2026-07-01T12:00:00Z', 'America/New_York', '2026-07-01 08:00:00 -0400 EDT'],
  ['2026-07-01T12:00:00Z', 'Asia/Kathmandu', '2026-07-01 17:45:00 +0545 +0545'],
  ['2026-07-01T12:00:00Z', 'Asia/Tokyo', '2026-07-01 21:00:00 +0900 JST'],
  ['2026-07-01T12:00:00Z', 'Europe/Dublin', '2026-07-01 13:00:00 +0100 IST'],
  ['2026-07-01T12:00:00Z', 'America/Sao_Paulo', '2026-07-01 09:00:00 -0300 -03'],
])('%s in %s', (iso, zone, text) => {
  expect(run('{{.}}', at(iso, zone))).toBe(text)
})

test('zones that there are not', () => {
  expect(['Nowhere/City', '+01:00', 'europe/berlin', '__proto__', '../etc'].map(findZone)).toEqual(
    Array(5).fill(undefined),
  )
})

test('arithmetic on times', () => {
  const time = at('2026-03-28T12:30:00Z', 'Europe/Berlin')
  // what clocks show is kept over the change to summer time by AddDate, the hours that pass by Add
  expect(run('{{.AddDate 0 0 1}}|{{.Add 86400000000000}}', time)).toBe(
    '2026-03-29 13:30:00 +0200 CEST|2026-03-29 14:30:00 +0200 CEST',
  )
  expect(run('{{.IsDST}} {{(.AddDate 0 3 0).IsDST}} {{.Truncate 3600000000000}} {{.UTC}}', time)).toBe(
    'false true 2026-03-28 13:00:00 +0100 CET 2026-03-28 12:30:00 +0000 UTC',
  )
})

test.each([
  [0n, '0s'],
  [999n, '999ns'],
  [1500n, '1.5µs'],
  [2_000_000n, '2ms'],
  [-1_500_000_000n, '-1.5s'],
  [90_000_000_000n, '1m30s'],
  [3_600_000_000_000n, '1h0m0s'],
  [2n ** 70n, '2562047h47m16.854775807s'],
])('a duration of %i ns', (nanos, text) => {
  expect(run('{{.}}', createDuration(nanos))).toBe(text)
})

test('durations have the methods of Go', () => {
  const text =
    '{{.Hours}} {{.Minutes}} {{.Milliseconds}} {{.Round 60000000000}} {{.Truncate 60000000000}} {{.Abs}} {{printf "%d %s" . .}}'
  expect(run(text, createDuration(-5_370_000_000_000n))).toBe(
    '-1.4916666666666667 -89.5 -5370000 -1h30m0s -1h29m0s 1h29m30s -5370000000000 -1h29m30s',
  )
})
