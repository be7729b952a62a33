import { expect, test } from 'vitest'
import type { Rule } from './rule-file.ts'
import { stagesOf } from './rule-order.ts'

const record = (name: string, expr: string, labels = {}): Rule => ({ kind: 'recording', name, expr, labels })
const alert = (name: string, expr: string, annotations = {}): Rule => ({
  kind: 'alerting',
  name,
  expr,
  forMs: 0,
  keepFiringForMs: 0,
  labels: { team: 'shop' },
  annotations,
})

test('rules that read nothing of one another are one stage', () => {
  expect(stagesOf([record('a', 'sum(x)'), alert('A', 'y > 1'), record('b', 'rate(z[5m])')])).toEqual([[0, 1, 2]])
  expect(stagesOf([])).toEqual([])
})

test('a rule stands behind what it reads, wherever in the expression', () => {
  const chain = [record('a', 'sum(x)'), record('b', 'max_over_time(a[1h:5m])'), alert('B', 'topk(scalar(b), x) > 1')]
  expect(stagesOf(chain)).toEqual([[0], [1], [2]])
  expect(stagesOf([record('target_info', 'x'), record('b', 'info(y)')])).toEqual([[0], [1]])
})

test('a rule that is written after it was read comes after its reader, as in the order of the file', () => {
  expect(stagesOf([record('b', 'sum(a)'), record('a', 'sum(x)')])).toEqual([[0], [1]])
  expect(stagesOf([record('a', 'a offset 1m + 1')])).toEqual([[0]])
})

test('a selector without a name reads everything that its other labels allow', () => {
  expect(stagesOf([record('a', 'x'), record('b', '{job="api"}')])).toEqual([[0], [1]])
  expect(stagesOf([record('a', 'x', { job: 'web' }), record('b', '{job="api",__name__!="b"}')])).toEqual([[0, 1]])
  expect(stagesOf([record('a:x', 'x'), record('b', '{__name__=~"a:.+"}'), record('c', '{__name__=~"d:.+"}')])).toEqual([
    [0, 2],
    [1],
  ])
})

test('alerts are read by the names of their series and their own', () => {
  const rules = [alert('A', 'x'), alert('B', 'ALERTS{alertname="A"}'), alert('C', 'ALERTS_FOR_STATE{team="other"}')]
  expect(stagesOf(rules)).toEqual([[0, 2], [1]])
})

test('a template that asks may read anything', () => {
  const rules = [record('a', 'x'), alert('A', 'y', { summary: '{{ with query "sum(a)" }}{{ end }}' }), record('b', 'x')]
  expect(stagesOf(rules)).toEqual([[0], [1], [2]])
})
