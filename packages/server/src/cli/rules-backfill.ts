import { resolve } from 'node:path'
import { systemClock } from '@tidewatch/core/clock.ts'
import { AppError, formatProblem, quoteValue } from '@tidewatch/core/error.ts'
import { formatDurationMs, parseDurationMs } from '@tidewatch/core/time.ts'
import { type Rule, type RuleGroup, readRuleFile } from '../alerting/rules/rule-file.ts'
import { readWrittenYaml } from '../config/yaml.ts'
import { type RangeSeries, recordHistory } from '../features/import/rule-history.ts'
import { sendBody, type WriteTarget } from '../features/import/write-request.ts'
import type { Command, CommandCall } from './command.ts'
import { readFileText } from './input-text.ts'
import { oldestKeptMs } from './oldest-kept.ts'
import { baseUrl, bearer, getJson, remoteFlags } from './remote.ts'
import { timeFlag } from './time-flag.ts'

export const rulesBackfill: Command = {
  name: 'rules backfill',
  summary: 'Write what recording rules would have written in the past',
  usage: 'FILE... --start TIME [--end TIME]',
  flags: [
    { name: 'start', argument: 'TIME', help: 'Unix seconds or RFC 3339' },
    { name: 'end', argument: 'TIME', help: 'now when left out' },
    { name: 'eval-interval', argument: 'DURATION', help: 'of groups that have none of their own', fallback: '1m' },
    ...remoteFlags,
  ],
  async run(call) {
    const { words, out } = call
    if (words.length === 0)
      throw new AppError('config.invalid', 'name at least one rule file.', {
        fix: 'tidewatch rules backfill rules.yml --start 2026-01-01T00:00:00Z',
      })
    const groups = words.flatMap((name) => readGroups(name))
    const span = await readSpan(call)
    const fallbackMs = intervalFlag(call)
    const failures = new Failures(call)
    let samples = 0
    for (const group of groups) samples += await backfill(call, { group, failures, fallbackMs, ...span })
    out(`done: ${samples} samples written`)
    return failures.count === 0 ? 0 : 1
  },
}

function readGroups(name: string): readonly RuleGroup[] {
  const text = readFileText(name)
  const read = readRuleFile({ name, path: resolve(name), text }, readWrittenYaml)
  if (read.ok) return read.value
  throw new AppError('config.invalid', `${name} is not right:\n  ${read.problems.map(formatProblem).join('\n  ')}`)
}

interface Span {
  readonly startMs: number
  readonly endMs: number
}

/** All of it must be kept: a sample that is refused afterwards would leave a hole. */
async function readSpan(call: CommandCall): Promise<Span> {
  const startMs = timeFlag(call, 'start')
  if (startMs === undefined)
    throw new AppError('config.invalid', 'say from when on.', {
      where: { key: '--start' },
      fix: 'Write one such as --start 2026-01-01T00:00:00Z',
    })
  const nowMs = systemClock.nowMs()
  const endMs = timeFlag(call, 'end') ?? nowMs
  if (endMs > nowMs) throw new AppError('config.invalid', '--end lies ahead.', { where: { key: '--end' } })
  if (startMs > endMs) throw new AppError('config.invalid', '--start is after --end.', { where: { key: '--start' } })
  const oldestMs = await oldestKeptMs(call)
  if (oldestMs !== undefined && startMs < oldestMs)
    throw new AppError('config.invalid', `nothing before ${new Date(oldestMs).toISOString()} is kept here.`, {
      where: { key: '--start' },
      fix: 'Begin later, or start the server with a longer --retention.',
    })
  return { startMs, endMs }
}

function intervalFlag({ flags }: CommandCall): number {
  const text = flags.get('eval-interval') ?? '1m'
  const ms = parseDurationMs(text)
  if (ms !== undefined && ms > 0) return ms
  throw new AppError('config.invalid', `--eval-interval is ${quoteValue(text)}, no duration.`, {
    fix: 'Write one such as 1m.',
  })
}

interface BackfillOptions extends Span {
  readonly group: RuleGroup
  readonly failures: Failures
  readonly fallbackMs: number
}

async function backfill(call: CommandCall, { group, failures, fallbackMs, ...span }: BackfillOptions): Promise<number> {
  const { out } = call
  const intervalMs = group.intervalMs ?? fallbackMs
  const rules = group.rules.filter((rule): rule is Extract<Rule, { kind: 'recording' }> => rule.kind === 'recording')
  const alerts = group.rules.length - rules.length
  const passedOver = alerts === 0 ? '' : `; ${alerts} alerting ${alerts === 1 ? 'rule is' : 'rules are'} passed over`
  out(`${group.name}: ${rules.length} recording rules every ${formatDurationMs(intervalMs)}${passedOver}`)
  if (rules.length === 0) return 0
  const target: WriteTarget = {
    url: baseUrl(call),
    headers: bearer(call),
    signal: new AbortController().signal,
    clock: systemClock,
    onRetry: (reason, afterMs) => call.err(`${reason}; again in ${Math.round(afterMs / 1000)} s`),
  }
  return recordHistory({
    ...span,
    ...{ rules, intervalMs, limit: group.limit },
    ask: async ({ expr, startMs, endMs, stepMs }) => {
      const query = {
        query: expr,
        start: String(startMs / 1000),
        end: String(endMs / 1000),
        step: String(stepMs / 1000),
      }
      const { data } = await getJson<{ readonly data: { readonly result: readonly RangeSeries[] } }>(
        call,
        '/api/v1/query_range',
        query,
      )
      return data.result
    },
    write: async (body) => {
      const refused = await sendBody(body, target)
      if (refused !== undefined) throw new AppError('ingest.bad_time', refused)
    },
    onProgress: (untilMs, samples) => {
      const share = span.endMs === span.startMs ? 1 : (untilMs - span.startMs) / (span.endMs - span.startMs)
      out(
        `${String(Math.min(100, Math.round(share * 100))).padStart(3)} %  up to ${new Date(untilMs).toISOString()}  ${samples} samples`,
      )
    },
    onFailure: (rule, atMs, reason) =>
      failures.add(`${group.name}, ${rule.name} at ${new Date(atMs).toISOString()}: ${reason}`),
  })
}

/** The first few are told one by one, the others counted. */
class Failures {
  count = 0
  readonly #call: CommandCall

  constructor(call: CommandCall) {
    this.#call = call
  }

  add(text: string): void {
    this.count++
    if (this.count <= 5) this.#call.err(text)
    if (this.count === 6) this.#call.err('... and more')
  }
}
