import { Labels } from '@tidewatch/core/labels.ts'
import { expect, test } from 'vitest'
import { detectLevel, FieldDetector } from './detected-fields.ts'

const metadata = Labels.from({ trace_id: 'ab' })

test('fields of JSON and logfmt lines are found with their narrowest type', () => {
  const detector = new FieldDetector()
  detector.add({ line: '{"ms":1.5,"n":3,"o":{"p q":"x"},"ok":true}', metadata })
  detector.add({ line: '{"ms":2,"n":4,"o":{"p q":"y"}}', metadata })
  detector.add({ line: 'n=5 took=1.5s size=2KB msg="a b" bare', metadata: Labels.empty })
  const fields = detector
    .fields()
    .map(({ name, type, cardinality, parsers, jsonPath }) => [
      name,
      type,
      cardinality,
      parsers.join(),
      jsonPath?.join('/'),
    ])
  expect(fields).toEqual([
    ['ms', 'float', 2, 'json', 'ms'],
    ['msg', 'string', 1, 'logfmt', undefined],
    ['n', 'int', 3, 'json,logfmt', 'n'],
    ['o_p_q', 'string', 2, 'json', 'o/p q'],
    ['ok', 'boolean', 1, 'json', 'ok'],
    ['size', 'bytes', 1, 'logfmt', undefined],
    ['took', 'duration', 1, 'logfmt', undefined],
    ['trace_id', 'string', 1, '', undefined],
  ])
  expect(detector.values('n')).toEqual(['3', '4', '5'])
})

test('fields and values are bounded', () => {
  const detector = new FieldDetector()
  for (let i = 0; i < 3000; i++) detector.add({ line: `k${i}=1 v=${i}`, metadata: Labels.empty })
  expect(detector.fields()).toHaveLength(1000)
  expect(detector.values('v')).toHaveLength(1000)
})

test('the level is taken from labels, fields, words of the line, in that order', () => {
  const level = (line: string, stream = Labels.empty): string => detectLevel({ line, stream, metadata: Labels.empty })
  expect(level('ERROR x', Labels.from({ level: 'warning' }))).toBe('warn')
  expect(level('{"severity":"ERROR","msg":"info"}')).toBe('error')
  expect(level('msg="all info" lvl=dbg level=debug')).toBe('debug')
  expect(level('2025-01-01 [Error] x')).toBe('error')
  expect(level('nothing')).toBe('unknown')
})
