import type { AlertingRule } from '@tidewatch/api/prometheus.ts'
import { expect, it } from 'vitest'
import { groupTrouble, ruleState } from './rule-state.ts'

const alert = (state: 'firing' | 'pending') => ({ labels: {}, annotations: {}, state, value: '1' })
const rule = (part: Partial<AlertingRule>): AlertingRule => ({
  type: 'alerting',
  name: 'A',
  query: 'x',
  health: 'ok',
  state: 'inactive',
  duration: 0,
  annotations: {},
  alerts: [],
  labels: { severity: 'critical' },
  ...part,
})

it('tells how many alerts of a rule fire, in the tone of its severity', () => {
  expect(ruleState(rule({ state: 'firing', alerts: [alert('firing'), alert('firing'), alert('pending')] }))).toEqual({
    state: 'critical',
    word: '2 firing',
  })
  expect(ruleState(rule({ state: 'pending', alerts: [alert('pending')] }))).toEqual({
    state: 'pending',
    word: '1 pending',
  })
})

it('says that a rule fails before anything else', () => {
  expect(ruleState(rule({ health: 'err', state: 'firing', alerts: [alert('firing')] }))).toEqual({
    state: 'warning',
    word: 'Fails',
  })
})

it('stays quiet where nothing is wrong', () => {
  expect(ruleState(rule({}))).toEqual({ state: 'fine', word: 'Quiet' })
  expect(ruleState({ type: 'recording', name: 'r', query: 'x', health: 'ok' })).toEqual({
    state: 'fine',
    word: 'Records',
  })
  expect(ruleState({ type: 'recording', name: 'r', query: 'x', health: 'unknown' })).toEqual({
    state: 'no-data',
    word: 'Not yet',
  })
})

it('tells when a group cannot keep up', () => {
  expect(groupTrouble({ interval: 30, evaluationTime: 1 })).toBeUndefined()
  expect(groupTrouble({ interval: 30, evaluationTime: 27 })).toBe('The last one took 90 % of the interval.')
  expect(groupTrouble({ interval: 30, evaluationTime: 33, missedIterations: 1 })).toBe(
    '1 evaluation was left out since the start; the last one took 110 % of the interval.',
  )
})
