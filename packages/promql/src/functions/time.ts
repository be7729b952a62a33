// time, timestamp, and the functions of a moment in UTC.
import type { Expr } from '../ast.ts'
import { unwrap } from '../evaluate/evaluator.ts'
import { selectInstant } from '../evaluate/instant-selector.ts'
import { absent, float } from '../evaluate/row.ts'
import type { FunctionDefinition, RowFunction, ScalarFunction, VectorFunction } from './definition.ts'
import { mapFloats } from './math.ts'

const secondsADay = 86_400

interface Day {
  year: number
  /** From 1. */
  month: number
  day: number
}

const found: Day = { year: 0, month: 0, day: 0 }

/** The date of a day counted from 1970, by eras of 400 years that begin in March. The answer is overwritten by the next call. */
function dateOf(days: number): Day {
  const shifted = days + 719_468
  const era = Math.floor(shifted / 146_097)
  const dayOfEra = shifted - era * 146_097
  const yearOfEra = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1460) + Math.floor(dayOfEra / 36_524) - Math.floor(dayOfEra / 146_096)) / 365,
  )
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100))
  const marchMonth = Math.floor((5 * dayOfYear + 2) / 153)
  found.day = dayOfYear - Math.floor((153 * marchMonth + 2) / 5) + 1
  found.month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9
  found.year = yearOfEra + era * 400 + (found.month <= 2 ? 1 : 0)
  return found
}

const isLeap = (year: number): boolean => (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0
const monthDays = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
const daysBefore = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334]

function daysInMonth({ year, month }: Day): number {
  return month === 2 && isLeap(year) ? 29 : (monthDays[month - 1] as number)
}

function dayOfYear({ year, month, day }: Day): number {
  return (daysBefore[month - 1] as number) + day + (month > 2 && isLeap(year) ? 1 : 0)
}

const dayOf = (seconds: number): number => Math.floor(Math.trunc(seconds) / secondsADay)
const secondOfDay = (seconds: number): number => Math.trunc(seconds) - dayOf(seconds) * secondsADay

const ofMoment = (fn: (seconds: number) => number): RowFunction => ({
  kind: 'rows',
  defaultsToTime: true,
  apply: (row) => mapFloats(row, fn),
})

const time: ScalarFunction = {
  kind: 'scalar',
  evaluate: (_ev, _call, grid) => grid.timesMs.map((ms) => ms / 1000),
}

const timestamp: VectorFunction = {
  kind: 'vector',
  evaluate: (ev, call, grid, sink) => {
    const arg = unwrap(call.args[0] as Expr)
    if (arg.kind === 'vector_selector' && !arg.smoothed) {
      selectInstant(
        ev,
        arg,
        grid,
        (row) => {
          row.dropName = true
          sink(row)
        },
        { timestamps: true },
      )
      return
    }
    ev.rows(arg, grid, (row) => {
      row.dropName = true
      row.histograms = undefined
      for (let i = 0; i < grid.steps; i++) {
        if (row.present[i] === absent) continue
        row.values[i] = (grid.timesMs[i] as number) / 1000
        row.present[i] = float
      }
      sink(row)
    })
  },
}

/** Empty: sources bring no start timestamps with their samples, and Prometheus answers the same where it has none. */
const startTimestamp: VectorFunction = {
  kind: 'vector',
  evaluate: (ev, call, grid) => ev.rows(call.args[0] as Expr, grid, () => {}),
}

export const timeFunctions = {
  time,
  timestamp,
  start_timestamp: startTimestamp,
  year: ofMoment((seconds) => dateOf(dayOf(seconds)).year),
  month: ofMoment((seconds) => dateOf(dayOf(seconds)).month),
  day_of_month: ofMoment((seconds) => dateOf(dayOf(seconds)).day),
  days_in_month: ofMoment((seconds) => daysInMonth(dateOf(dayOf(seconds)))),
  day_of_year: ofMoment((seconds) => dayOfYear(dateOf(dayOf(seconds)))),
  day_of_week: ofMoment((seconds) => (((dayOf(seconds) + 4) % 7) + 7) % 7),
  hour: ofMoment((seconds) => Math.floor(secondOfDay(seconds) / 3600)),
  minute: ofMoment((seconds) => Math.floor((secondOfDay(seconds) % 3600) / 60)),
} as const satisfies Record<string, FunctionDefinition>
