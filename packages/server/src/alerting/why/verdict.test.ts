import { expect, test } from 'vitest'
import type { JournalEntry, JournalStage } from '../port.ts'
import { verdictAt } from './verdict.ts'

const step = (atMs: number, stage: JournalStage, detail: JournalEntry['detail'] = {}, text: string = stage) => ({
  ...{ atMs, stage, detail, text, fingerprint: 'f' },
})
const told = (atMs: number) => step(atMs, 'notified', { receiver: 'ops' })
const delivery = (atMs: number, outcome: string) =>
  step(atMs, 'delivery', { integration: 'channels/ops', outcome }, `the message was ${outcome}`)
const fired = [step(1, 'pending'), step(5, 'firing'), step(5, 'received')]

test.each([
  ['pending before it fires', fired, 3, 'pending'],
  ['waiting for its group', fired, 9, 'waiting'],
  ['silenced', [...fired, step(7, 'silenced', { receiver: 'ops' })], 9, 'silenced'],
  ['told after the silence has ended', [...fired, step(7, 'silenced', { receiver: 'ops' }), told(8)], 9, 'told'],
  ['undelivered while every attempt fails', [...fired, told(6), delivery(7, 'retry')], 9, 'undelivered'],
  ['told once an attempt went through', [...fired, told(6), delivery(7, 'retry'), delivery(8, 'delivered')], 9, 'told'],
  [
    'told where one group is muted and another is not',
    [...fired, told(6), step(7, 'muted', { receiver: 'b' })],
    9,
    'told',
  ],
  ['acknowledged before anybody was told', [...fired, step(7, 'acknowledged', { by: 'ann' })], 9, 'acknowledged'],
  [
    'waiting when it was given back',
    [...fired, step(7, 'acknowledged'), step(8, 'acknowledged', { released: 'true' })],
    9,
    'waiting',
  ],
  ['ended', [...fired, step(8, 'resolved')], 9, 'ended'],
  ['waiting again in a new episode', [...fired, told(6), step(8, 'resolved'), step(9, 'firing')], 9, 'waiting'],
] as const)('is %s', (_, steps, atMs, verdict) => {
  expect(verdictAt(steps, atMs)?.verdict).toBe(verdict)
})

test('knows when it began and when it fired, and nothing before its first step', () => {
  expect(verdictAt(fired, 9)).toMatchObject({ state: 'firing', activeAtMs: 1, firedAtMs: 5 })
  expect(verdictAt(fired, 0)).toBeUndefined()
})

test('says what was answered where nobody could be told', () => {
  expect(verdictAt([...fired, told(6), delivery(7, 'failed')], 9)?.text).toBe(
    'The message did not arrive: the message was failed.',
  )
})
