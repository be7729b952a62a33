import { Labels } from '@tidewatch/core/labels.ts'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { MatrixSeries } from '../../query/port.ts'
import { evaluateAlertingRule } from '../rules/evaluate.ts'
import { type ActiveAlert, type AlertsByKey, needsSending } from '../rules/lifecycle.ts'
import type { AlertingRule } from '../rules/rule-file.ts'
import { RuleReplay } from './rule-replay.ts'

const stepMs = 15_000
const firstMs = 1_700_000_000_000
const { signal } = new AbortController()
const nothing = { vector: () => Promise.resolve([]) }

/** Which of three series are there at which step. */
const presence = fc.integer({ min: 1, max: 120 }).chain((steps) =>
  fc.array(
    fc.array(fc.boolean(), { minLength: steps, maxLength: steps }).chain((cells) =>
      // long stretches are what real rules have
      fc.integer({ min: 1, max: 20 }).map((stretch) => cells.map((_, i) => cells[Math.floor(i / stretch)] as boolean)),
    ),
    { minLength: 1, maxLength: 3 },
  ),
)
const rules = fc.record({
  forSteps: fc.integer({ min: 0, max: 9 }),
  keepSteps: fc.integer({ min: 0, max: 9 }),
  limit: fc.constantFrom(0, 0, 1, 2),
  isValueInLabels: fc.boolean(),
  windows: fc.integer({ min: 1, max: 4 }),
})

function toSeries(cells: readonly boolean[], name: string): MatrixSeries {
  const runs: number[] = []
  const values: number[] = []
  for (const [step, isThere] of cells.entries()) {
    if (!isThere) continue
    values.push(step % 7)
    if (runs.at(-1) === step) runs[runs.length - 1] = step + 1
    else runs.push(step, step + 1)
  }
  return { labels: Labels.from({ name }), runs: Uint32Array.from(runs), values: Float64Array.from(values) }
}

const shown = (alert: ActiveAlert, atMs: number): string =>
  `${(atMs - firstMs) / stepMs} ${alert.state} ${alert.labels}`

test('the steps that are left out would have changed nothing', async () => {
  await fc.assert(
    fc.asyncProperty(presence, rules, async (there, { forSteps, keepSteps, limit, isValueInLabels, windows }) => {
      const rule: AlertingRule = {
        ...{ kind: 'alerting', name: 'A', expr: 'x', annotations: {} },
        labels: isValueInLabels ? { value: '{{ $value }}' } : {},
        ...{ forMs: forSteps * stepMs, keepFiringForMs: keepSteps * stepMs },
      }
      const context = { queryOffsetMs: 0, limit, externalLabels: {}, externalUrl: '', timeoutMs: 1000, signal }
      const steps = there[0]?.length ?? 0

      const expected: string[] = []
      let alerts: AlertsByKey = new Map()
      for (let step = 0; step < steps; step++) {
        const atMs = firstMs + step * stepMs
        const vector = there.flatMap((cells, i) =>
          cells[step] === true ? [{ labels: Labels.from({ name: `s${i}` }), atMs, value: step % 7 }] : [],
        )
        const queries = { vector: () => Promise.resolve(vector) }
        const found = await evaluateAlertingRule(rule, alerts, { ...context, atMs, queries })
        if (found.excess !== undefined) {
          for (const alert of alerts.values())
            if (alert.state === 'firing') expected.push(shown({ ...alert, state: 'inactive' }, atMs))
          alerts = new Map()
          continue
        }
        const next = new Map(found.alerts)
        for (const [key, alert] of found.alerts) {
          if (!needsSending(alert, atMs, Number.POSITIVE_INFINITY)) continue
          expected.push(shown(alert, atMs))
          next.set(key, { ...alert, lastSentAtMs: atMs })
        }
        alerts = next
      }

      const told: string[] = []
      const replay = new RuleReplay({
        rule,
        context,
        queries: nothing,
        onChange: (a, atMs) => told.push(shown(a, atMs)),
      })
      const size = Math.ceil(steps / windows)
      for (let from = 0; from < steps; from += size) {
        const part = there.map((cells, i) => toSeries(cells.slice(from, from + size), `s${i}`))
        const series = part.map(({ labels, runs }, i) => ({
          labels,
          runs,
          values: Float64Array.from(
            (there[i] ?? []).slice(from, from + size).flatMap((isThere, j) => (isThere ? [(from + j) % 7] : [])),
          ),
        }))
        await replay.run({ firstMs: firstMs + from * stepMs, stepMs, steps: Math.min(size, steps - from), series })
      }
      expect(told.sort()).toEqual(expected.sort())
      expect([...replay.alerts.keys()].sort()).toEqual([...alerts.keys()].sort())
    }),
    { numRuns: 40 },
  )
})
