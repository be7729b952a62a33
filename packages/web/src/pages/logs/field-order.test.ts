import type { LogFields } from '@tidewatch/api/logs.ts'
import { expect, it } from 'vitest'
import { namedFields, orderedFields, valueOfType } from './field-order.ts'

type Field = LogFields['fields'][number]
const field = (name: string, place: Field['place'], count: number): Field => ({ name, place, count, types: ['text'] })

it('begins with level and service, leaves out what differs in each line', () => {
  const fields = [
    ...[field('host', 'resource', 9), field('status', 'attribute', 5), field('path', 'attribute', 8)],
    ...[field('message', 'column', 9), field('@timestamp', 'column', 9), field('user_id', 'column', 2)],
    ...[field('service', 'column', 9), field('level', 'column', 9)],
  ]
  expect(orderedFields(fields).map(({ name }) => name)).toEqual([
    ...['level', 'service', 'user_id', 'path', 'status', 'host'],
  ])
})

it('names columns as queries do', () => {
  const fields = [field('severity', 'column', 1), field('severityText', 'column', 1), field('traceId', 'column', 1)]
  expect(namedFields([...fields, field('traceId', 'attribute', 1)]).map(({ name }) => name)).toEqual([
    ...['level', 'trace_id', 'traceId'],
  ])
})

it('takes numbers and truths as such, where the field holds nothing else', () => {
  expect([valueOfType('502', ['number']), valueOfType('true', ['boolean']), valueOfType('502', ['text'])]).toEqual([
    ...[502, true, '502'],
  ])
  expect([
    valueOfType('1e400', ['number']),
    valueOfType('007', ['number']),
    valueOfType('5', ['number', 'text']),
  ]).toEqual([...['1e400', '007', '5']])
})
