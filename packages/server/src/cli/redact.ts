import { resolve } from 'node:path'
import { AppError, formatProblem } from '@tidewatch/core/error.ts'
import type { LogRecord } from '@tidewatch/core/log-record.ts'
import { logIdentityFields } from '@tidewatch/core/log-record.ts'
import { type Finding, isKeyKind, type Redactor } from '@tidewatch/redact/kinds.ts'
import { createRedactor } from '@tidewatch/redact/redactor.ts'
import { readConfiguration } from '../app/configuration.ts'
import { redactionSection } from '../ingest/logs/config.ts'
import { parseJsonExactly, recordOfObject } from '../ingest/logs/json-record.ts'
import type { Command } from './command.ts'
import { readInputText } from './input-text.ts'

const wrongConfiguration = 1
const keyFound = 2

export const redact: Command = {
  name: 'redact',
  summary: 'Show what would be taken out of lines of logs before they are stored, without storing anything',
  usage: 'FILE|-',
  flags: [
    {
      name: 'config',
      argument: 'FILE|DIR',
      help: 'whose `redaction` counts: a tidewatch.yml or its directory; without it what is always taken out',
    },
    { name: 'found', argument: undefined, help: 'only the lines out of which something is taken' },
  ],
  async run({ words, flags, env, out, err }) {
    const [input] = words
    if (words.length !== 1 || input === undefined)
      throw new AppError('config.invalid', 'name one file of lines, or - for standard input.', {
        fix: 'tidewatch redact --config tidewatch.yml sample.ndjson',
      })
    const config = flags.get('config')
    const read = config === undefined ? undefined : readConfiguration(resolve(config), env, { withoutRules: true })
    if (read !== undefined && !read.ok) {
      for (const problem of read.problems) err(formatProblem(problem))
      return wrongConfiguration
    }
    const redactor = read === undefined ? createRedactor() : (read.value.sections.get(redactionSection.key) as Redactor)
    const counts = new Map<string, number>()
    let hasKey = false
    for (const [i, line] of (await readInputText(input)).split('\n').entries()) {
      if (line.trim() === '') continue
      const { shown, found } = redactLine(line, redactor)
      if (found.length > 0 || !flags.has('found')) out(shown)
      for (const { kind, field } of found) {
        counts.set(kind, (counts.get(kind) ?? 0) + 1)
        hasKey ||= isKeyKind(kind)
        err(`found  ${input}:${i + 1}: ${kind} in ${field}${isKeyKind(kind) ? ' (raises an alert)' : ''}`)
      }
    }
    const total = [...counts].map(([kind, count]) => `${count} ${kind}`).join(', ')
    err(total === '' ? 'fine   nothing is taken out' : `taken  ${total}`)
    return hasKey ? keyFound : 0
  },
}

function redactLine(line: string, redactor: Redactor): { readonly shown: string; readonly found: readonly Finding[] } {
  const record = recordOfLine(line)
  if (record === undefined) {
    const { value, found } = redactor.text(line, 'body')
    return { shown: value, found }
  }
  const redacted = redactor.record(record)
  return { shown: redacted.found.length === 0 ? line : jsonOf(redacted.record), found: redacted.found }
}

function recordOfLine(line: string): LogRecord | undefined {
  if (!/^\s*\{/.test(line)) return undefined
  try {
    const value = parseJsonExactly(line)
    return typeof value === 'object' && value !== null ? recordOfObject({ ...value }).record : undefined
  } catch {
    // no JSON: the whole line is the message, as receivers have it
    return undefined
  }
}

/** The record as one object again: what has a column by our name for it. */
const jsonOf = (record: LogRecord): string =>
  JSON.stringify({
    ...(record.severityText === '' ? {} : { level: record.severityText }),
    ...(record.body === '' ? {} : { message: record.body }),
    ...Object.fromEntries(logIdentityFields.flatMap((field) => (record[field] === '' ? [] : [[field, record[field]]]))),
    ...Object.fromEntries(record.attributes),
  })
