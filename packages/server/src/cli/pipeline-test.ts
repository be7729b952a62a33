import { dirname } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { systemClock } from '@tidewatch/core/clock.ts'
import { AppError, formatProblem } from '@tidewatch/core/error.ts'
import { defaultSettings, isLineSource } from '../ingest/pipelines/config.ts'
import { filesBelow, loadText } from '../ingest/pipelines/load.ts'
import { TrialObserver, tryPipeline, unknownSource } from '../ingest/pipelines/trial.ts'
import type { Command } from './command.ts'
import { readFileText, readInputText } from './input-text.ts'

/** A sample is for looking at; a quarter of an hour is for ever. */
const maxMs = 900_000
const wrongFile = 1
const differs = 2
const stepFailed = 3

export const pipelineTest: Command = {
  name: 'pipeline test',
  summary:
    'Run sample lines through a pipeline file, as Logstash writes it or as YAML, and show or check what comes out',
  usage: 'FILE --input SAMPLE [--expect FILE]',
  flags: [
    {
      name: 'input',
      argument: 'FILE',
      help: 'one event a line: JSON objects are events, other lines messages; - is standard input',
    },
    {
      name: 'expect',
      argument: 'FILE',
      help: 'events that have to come out, one JSON object a line; fields that it does not name may differ',
    },
    {
      name: 'from',
      argument: 'SOURCE',
      help: 'the way in by which the lines come where pipelines.routes leads them here: syslog, loki, logs, …',
    },
    { name: 'strict', argument: undefined, help: 'a step that fails on a line is a fault too' },
  ],
  async run({ words, flags, env, out, err }) {
    const [file] = words
    const input = flags.get('input')
    if (words.length !== 1 || file === undefined || input === undefined)
      throw new AppError('config.invalid', 'name one pipeline file, and sample lines with --input.', {
        fix: 'tidewatch pipeline test logstash.conf --input sample.ndjson',
      })
    const from = flags.get('from')
    if (from !== undefined && !isLineSource(from)) throw unknownSource(from)
    const observer = new TrialObserver()
    const loaded = loadText(readFileText(file), {
      ...{ name: file, settings: defaultSettings(), clock: systemClock, env, files: filesBelow(dirname(file)) },
      format: /\.ya?ml$/.test(file) ? 'yaml' : 'logstash',
      observer,
    })
    for (const problem of loaded.problems) err(formatProblem(problem))
    if (loaded.pipeline === undefined) return wrongFile
    const { signal } = new AbortController()
    const { notices, events } = await tryPipeline(loaded, await readInputText(input), {
      ...{ observer, clock: systemClock, signal, maxMs, from },
    })
    for (const notice of notices) err(`note   ${notice}`)
    for (const { line, failures } of events)
      for (const { step, line: at, tag, message } of failures)
        err(`failed ${input}:${line}: ${step} (${file}:${at}) ${tag}: ${message}`)
    const made = events.flatMap((event) => event.out)
    const expect = flags.get('expect')
    const faults = expect === undefined ? [] : differences(made, readExpected(expect))
    if (expect === undefined) for (const event of made) out(JSON.stringify(event))
    else if (faults.length === 0) out(`fine   ${made.length} events are as ${expect} has them`)
    for (const fault of faults) err(`differs ${fault}`)
    if (faults.length > 0) return differs
    return flags.has('strict') && events.some(({ failures }) => failures.length > 0) ? stepFailed : 0
  },
}

type Fields = Readonly<Record<string, unknown>>

function readExpected(name: string): Fields[] {
  return readFileText(name)
    .split('\n')
    .flatMap((line, i) => {
      if (line.trim() === '') return []
      try {
        const value: unknown = JSON.parse(line)
        if (typeof value === 'object' && value !== null && !Array.isArray(value)) return [{ ...value }]
      } catch {
        // told below with its line
      }
      throw new AppError('config.invalid', 'is no JSON object.', {
        where: { file: name, line: i + 1 },
        fix: 'Write one event a line.',
      })
    })
}

/** Told by event and field, in words for a person. */
function differences(made: readonly Fields[], expected: readonly Fields[]): string[] {
  const faults = expected.flatMap((wanted, i) => {
    const event = made[i]
    if (event === undefined) return [`event ${i + 1} is missing: ${JSON.stringify(wanted).slice(0, 500)}`]
    return Object.entries(wanted).flatMap(([name, value]) => {
      const found = JSON.parse(JSON.stringify(event[name] ?? null)) as unknown
      if (isDeepStrictEqual(found, value)) return []
      return [
        `event ${i + 1}: ${name} is ${JSON.stringify(found).slice(0, 500)}, not ${JSON.stringify(value).slice(0, 500)}`,
      ]
    })
  })
  const extra = made.length - expected.length
  return extra > 0 ? [...faults, `${extra} more events came out than are expected`] : faults
}
