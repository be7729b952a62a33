import { grokEngine } from '@tidewatch/grok/engine.ts'
import { expect, it } from 'vitest'
import { LogEvent } from './event.ts'
import type { LoadResult } from './pipeline.ts'
import { loadYamlPipeline } from './yaml-pipeline.ts'

const load = (text: string): LoadResult =>
  loadYamlPipeline(text, {
    file: 'p.yml',
    clock: { nowMs: () => 0, monotonicMs: () => 0, sleep: () => Promise.resolve() },
    grok: grokEngine,
  })

it('runs the steps of a file', () => {
  const { pipeline, problems } = load(`
inputs:
  - tcp:
      port: 5000
      codec: json_lines
steps:
  - grok:
      match:
        message: '%{LOGLEVEL:level} %{GREEDYDATA:text}'
  - if: '[level] == "DEBUG"'
    then:
      - drop
    elseif:
      - if: '[level] in ["ERROR", "FATAL"]'
        then:
          - mutate: { add_tag: [alert] }
    else:
      - mutate:
          add_field: { quiet: 'yes' }
outputs:
  - elasticsearch: { index: app }
`)
  expect(problems).toEqual([])
  expect(pipeline?.inputs.map(({ kind, listen, codec }) => [kind, listen?.port, codec.name])).toEqual([
    ['tcp', 5000, 'json_lines'],
  ])
  const run = (message: string) => pipeline?.process(new LogEvent({ message })).map(({ event }) => event.data)
  expect(run('DEBUG x')).toEqual([])
  expect(run('FATAL x')).toEqual([{ message: 'FATAL x', level: 'FATAL', text: 'x', tags: ['alert'] }])
  expect(run('INFO x')).toEqual([{ message: 'INFO x', level: 'INFO', text: 'x', quiet: 'yes' }])
})

it('tells what is wrong with lines', () => {
  const { pipeline, problems } = load(`
steps:
  - mutate:
      add_tags: [x]
  - ruby: { code: '1' }
  - if: '[a] = 1'
    then: []
filters: []
`)
  expect(pipeline).toBeUndefined()
  // the shape of the file is told first: what its steps hold can only be asked of a file that is one
  expect(problems.map(({ where, message }) => [where.line, message])).toEqual([
    [6, '"= 1" is not what can stand in a condition'],
    [8, 'there is no section filters'],
  ])
})

it('tells settings and filters that are not known', () => {
  const { problems } = load('steps:\n  - mutate:\n      add_tags: [x]\n  - ruby: { code: "1" }\n')
  expect(problems.map(({ where, message }) => [where.line, message])).toEqual([
    [3, 'mutate has no setting add_tags'],
    [4, 'the filter ruby is not run here'],
  ])
})
