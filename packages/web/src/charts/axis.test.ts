import { describe, expect, it } from 'vitest'
import type { Unit } from '../ui/units.ts'
import { tickLabels, timeTicks, valueAxis } from './axis.ts'

const labels = (least: number, most: number, unit: Unit) => tickLabels(valueAxis(least, most, unit), unit)

describe('a value axis', () => {
  it.each<[number, number, Unit, string[]]>([
    [0, 2.7, 'seconds', ['0', '1 s', '2 s', '3 s']],
    [0.1, 0.9, 'seconds', ['0', '0.2 s', '0.4 s', '0.6 s', '0.8 s', '1 s']],
    [0, 1364, 'seconds', ['0', '5 min', '10 min', '15 min', '20 min', '25 min']],
    [0, 1600, '/s', ['0', '500', '1 k', '1.5 k', '2 k']],
    [0, 0.07, 'ratio', ['0', '2 %', '4 %', '6 %', '8 %']],
    [0, 3.3e9, 'bytes', ['0', '1 GiB', '2 GiB', '3 GiB', '4 GiB']],
    [0, 1200, 'bytes/s', ['0', '0.5 KiB/s', '1 KiB/s', '1.5 KiB/s']],
    [0, 0, 'bytes/s', ['0', '200 B/s', '400 B/s', '600 B/s', '800 B/s', '1,000 B/s']],
    [0, 1000, 'bytes/s', ['0', '200 B/s', '400 B/s', '600 B/s', '800 B/s', '1,000 B/s']],
    [-3, 4, 'number', ['−4', '−2', '0', '2', '4']],
    [0, 0, 'number', ['0', '0.2', '0.4', '0.6', '0.8', '1']],
    [0, 0.3, 'number', ['0', '0.1', '0.2', '0.3']],
  ])('from %s to %s in %s', (least, most, unit, expected) => {
    expect(labels(least, most, unit)).toEqual(expected)
  })

  it('covers the data with three to seven ticks whatever its size', () => {
    for (let power = -9; power < 15; power++) {
      for (const factor of [1, 1.7, 3.3, 9.9]) {
        for (const unit of ['number', 'bytes', 'seconds', 'ratio'] as const) {
          const most = factor * 10 ** power
          const axis = valueAxis(0, most, unit)
          expect(axis.max).toBeGreaterThanOrEqual(most * (1 - 1e-9))
          expect(axis.ticks.length).toBeLessThanOrEqual(7)
          if (unit !== 'bytes') expect(axis.ticks.length).toBeGreaterThanOrEqual(3)
        }
      }
    }
  })
})

describe('time ticks', () => {
  const at = (text: string) => Date.parse(`2026-11-${text}Z`)

  it('stand on round times', () => {
    const ticks = timeTicks(at('21T00:14:20'), at('21T03:14:20'), 'utc', 7)
    expect(ticks.map((tick) => tick.label)).toEqual(['00:30', '01:00', '01:30', '02:00', '02:30', '03:00'])
  })

  it('name the day at midnight and days over weeks', () => {
    expect(timeTicks(at('20T18:00:00'), at('21T06:00:00'), 'utc', 7).map((tick) => tick.label)).toEqual([
      '18:00',
      '20:00',
      '22:00',
      '21 Nov',
      '02:00',
      '04:00',
      '06:00',
    ])
    expect(timeTicks(at('10T12:00:00'), at('21T00:00:00'), 'utc', 6).map((tick) => tick.label)).toEqual([
      '12 Nov',
      '14 Nov',
      '16 Nov',
      '18 Nov',
      '20 Nov',
    ])
  })
})
