import { type AlertDetail, type AlertStep, type AlertWhy, alertDetail, alertWhy } from '@tidewatch/api/alert-why.ts'
import { AppError } from '@tidewatch/core/error.ts'
import { allValues, type Command, type CommandCall } from './command.ts'
import { getOwn, remoteFlags } from './remote.ts'
import { timeFlag } from './time-flag.ts'

const path = '/api/tidewatch/v1/alerts'
const isFingerprint = (word: string): boolean => /^[0-9a-f]{16}$/.test(word)
/** As many series as fit beside the answer. */
const mostSeries = 5

export const alertsWhy: Command = {
  name: 'alerts why',
  summary: 'Why an alert did fire, or why a rule did not: its query then, what held it back, who was told',
  usage: 'RULE | FINGERPRINT [--at TIME] [--label NAME=VALUE]',
  flags: [
    { name: 'at', argument: 'TIME', help: 'RFC 3339 or Unix seconds; now when left out' },
    { name: 'label', argument: 'NAME=VALUE', help: 'only alerts with this label; may be given several times' },
    { name: 'json', argument: undefined, help: 'the whole answer as JSON' },
    ...remoteFlags,
  ],
  async run(call) {
    const { words, flags, out } = call
    const [word] = words
    if (word === undefined || words.length > 1)
      throw new AppError('config.invalid', 'name one rule, or the fingerprint of one alert.', {
        fix: 'Such as: tidewatch alerts why HighErrorRate --at 2026-01-05T03:10:00Z',
      })
    const answer = isFingerprint(word) ? await askAlert(call, word) : await askRule(call, word)
    if (flags.has('json')) out(JSON.stringify(answer, undefined, 2))
    else if ('verdict' in answer) printWhy(answer, out)
    else printAlert(answer, out)
    return 0
  },
}

async function askAlert(call: CommandCall, fingerprint: string): Promise<AlertDetail> {
  const atMs = timeFlag(call, 'at')
  const query = atMs === undefined ? '' : `?to=${atMs}`
  return alertDetail.parse(await getOwn(call, `${path}/${fingerprint}${query}`))
}

async function askRule(call: CommandCall, rule: string): Promise<AlertWhy> {
  const atMs = timeFlag(call, 'at')
  const query = new URLSearchParams({ rule, ...(atMs === undefined ? {} : { at: String(atMs) }) })
  for (const label of allValues(call.rawArgs, 'label')) query.append('label', label)
  return alertWhy.parse(await getOwn(call, `${path}/why?${query}`))
}

type Out = (text: string) => void

function printWhy({ rule, atMs, verdict, text, fix, condition, evaluation, alerts }: AlertWhy, out: Out): void {
  out(`${rule.name} at ${time(atMs)}: ${verdict.replaceAll('_', ' ')}`)
  out(text)
  if (fix !== undefined) out(fix)
  out('')
  const { comparison } = condition
  out(`${condition.query}${comparison === undefined ? '' : ` ${comparison.operator} ${comparison.threshold}`}`)
  if (condition.failure !== undefined) out(`  ${condition.failure}`)
  for (const { labels, value, threshold, holds } of condition.series.slice(0, mostSeries)) {
    const beside = threshold === undefined ? '' : ` (asked for: ${comparison?.operator ?? ''} ${threshold})`
    out(`  ${printLabels(labels)} ${value}${beside}${holds ? ', true' : ''}`)
  }
  if (condition.count > mostSeries) out(`  ... and ${condition.count - mostSeries} series more`)
  for (const { fromMs, toMs, count } of evaluation.missed)
    out(`not evaluated from ${time(fromMs)} to ${time(toMs)}: ${count} evaluations`)
  for (const alert of alerts) {
    out('')
    out(`${alert.fingerprint} ${printLabels(alert.labels)}: ${alert.verdict.replaceAll('_', ' ')}`)
    printSteps(alert.timeline, out)
  }
}

function printAlert(alert: AlertDetail, out: Out): void {
  const { name, state, value, labels, holding, groups, next, timeline } = alert
  out(`${name} ${printLabels(labels)}`)
  const since = state === 'pending' ? alert.activeAtMs : state === 'firing' ? alert.firedAtMs : alert.endedAtMs
  out(`${state}${since === undefined ? '' : ` since ${time(since)}`}${value === undefined ? '' : `, value ${value}`}`)
  if (alert.rule !== undefined) out(`${alert.rule.file}, group ${alert.rule.group}: ${alert.rule.query}`)
  for (const { receiver, integrations } of groups)
    out(`goes to ${receiver}: ${integrations.join(', ') || 'nobody; no channel is set up for it'}`)
  for (const one of holding) out(`${one.text}${one.untilMs === undefined ? '' : ` Until ${time(one.untilMs)}.`}`)
  out(`Next: ${next.text}${next.atMs === undefined ? '' : ` At ${time(next.atMs)}.`}`)
  out('')
  printSteps(timeline, out)
}

function printSteps(steps: readonly AlertStep[], out: Out): void {
  for (const { atMs, stage, text } of steps) out(`  ${time(atMs)}  ${stage.padEnd(12)} ${text}`)
}

const time = (atMs: number): string => new Date(atMs).toISOString().replace('.000', '')

function printLabels(labels: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(labels).filter(([name]) => name !== 'alertname')
  return `{${pairs.map(([name, value]) => `${name}=${JSON.stringify(value)}`).join(', ')}}`
}
