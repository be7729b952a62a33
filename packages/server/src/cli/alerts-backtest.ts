import { type Backtest, type BacktestReport, backtest } from '@tidewatch/api/backtest.ts'
import { systemClock } from '@tidewatch/core/clock.ts'
import { AppError } from '@tidewatch/core/error.ts'
import { formatDurationMs } from '@tidewatch/core/time.ts'
import { allValues, type Command, type CommandCall } from './command.ts'
import { readFileText } from './input-text.ts'
import { getOwn, postJson, remoteFlags } from './remote.ts'

const path = '/api/tidewatch/v1/alerts/backtests'
const lookMs = 500
/** As many rules and proposals as fit a screen. */
const mostShown = 20

export const alertsBacktest: Command = {
  name: 'alerts backtest',
  summary: 'Run rules, routes, silences and schedules over the past: how many pages, when, to whom',
  usage: '[--days N] [--rules FILE] [--max-pages N] [--max-pages-at-night N]',
  flags: [
    { name: 'days', argument: 'N', help: 'how far back', fallback: '30' },
    { name: 'rules', argument: 'FILE', help: 'a rule file to try; the rules in force when left out' },
    { name: 'only', argument: 'NAME', help: 'only this rule; may be given several times' },
    { name: 'time-zone', argument: 'ZONE', help: 'whose nights count, such as Europe/Berlin', fallback: 'UTC' },
    { name: 'max-pages', argument: 'N', help: 'for CI: fails above so many pages' },
    { name: 'max-pages-at-night', argument: 'N', help: 'for CI: fails above so many pages between 22 and 7 o’clock' },
    { name: 'json', argument: undefined, help: 'the whole report as JSON' },
    ...remoteFlags,
  ],
  async run(call) {
    const { flags, out, err } = call
    const budget = { pages: countFlag(call, 'max-pages'), atNight: countFlag(call, 'max-pages-at-night') }
    const begun = backtest.parse(await postJson(call, path, JSON.stringify(requestOf(call))))
    const report = await follow(call, begun)
    if (flags.has('json')) out(JSON.stringify(report, undefined, 2))
    else print(report, out)
    const failed = report.rules.filter(({ failure }) => failure !== undefined)
    for (const { group, rule, failure } of failed) err(`${group}, ${rule}: ${failure}`)
    const over = overBudget(report, budget)
    for (const text of over) err(text)
    return over.length > 0 || failed.length > 0 ? 1 : 0
  },
}

function requestOf({ flags, rawArgs }: CommandCall): object {
  const days = Number(flags.get('days') ?? '30')
  if (!(days > 0))
    throw new AppError('config.invalid', '--days is not a number of days.', { fix: 'Write one such as --days 30.' })
  const only = allValues(rawArgs, 'only')
  const file = flags.get('rules')
  return {
    days,
    night: { timeZone: flags.get('time-zone') ?? 'UTC', fromHour: 22, toHour: 7 },
    ...(file === undefined ? {} : { rules: readFileText(file) }),
    ...(only.length === 0 ? {} : { only }),
  }
}

function countFlag({ flags }: CommandCall, name: string): number | undefined {
  const text = flags.get(name)
  if (text === undefined) return undefined
  const count = Number(text)
  if (Number.isSafeInteger(count) && count >= 0) return count
  throw new AppError('config.invalid', `--${name} is not a whole number.`, { fix: `Write one such as --${name} 10.` })
}

/** Looks until it is over, and tells how far it is whenever another tenth is done. */
async function follow(call: CommandCall, begun: Backtest): Promise<BacktestReport> {
  let job = begun
  let told = 0
  while (job.status === 'waiting' || job.status === 'running') {
    await systemClock.sleep(lookMs)
    job = backtest.parse(await getOwn(call, `${path}/${begun.id}`))
    const tenths = Math.floor(job.progress * 10)
    if (tenths > told && tenths < 10) call.err(`${tenths * 10} %`)
    told = Math.max(told, tenths)
  }
  if (job.report !== undefined) return job.report
  throw new AppError('query.execution', `the backtest is ${job.status}: ${job.error ?? 'no reason was given'}`)
}

function print(report: BacktestReport, out: (text: string) => void): void {
  const { pages, atNight, startMs, endMs, repeats, receivers, people } = report
  const days = Math.max(1, Math.round((endMs - startMs) / 86_400_000))
  out(`${pages} pages in ${days} days, ${atNight} of them at night; ${repeats} are repeats`)
  for (const { name, ...count } of receivers) out(`  ${name}: ${count.pages}, ${count.atNight} at night`)
  for (const { name, ...count } of people) out(`  would have called ${name}: ${count.pages}, ${count.atNight} at night`)
  const fired = report.rules.filter((rule) => rule.fired > 0)
  if (fired.length > 0) out('')
  for (const rule of fired.slice(0, mostShown)) {
    const times = `fired ${rule.fired} times, ${formatDurationMs(rule.firedForMs)} in all, ${formatDurationMs(rule.medianMs)} usually`
    out(`${rule.group} / ${rule.rule}: ${rule.pages} pages (${rule.atNight} at night); ${times}`)
    if (rule.shortLived > rule.fired / 2)
      out(`  ${rule.shortLived} ended within 5 min: a longer "for" would spare them`)
  }
  if (fired.length > mostShown) out(`... and ${fired.length - mostShown} rules more`)
  for (const { groupBy, receiver, pages: before, wouldBe } of report.together)
    out(`grouped by ${groupBy.join(', ')}, ${before} pages to ${receiver} would have been ${wouldBe}`)
  for (const note of report.notes) out(`note: ${note}`)
}

function overBudget(
  { pages, atNight }: BacktestReport,
  budget: { readonly pages: number | undefined; readonly atNight: number | undefined },
): string[] {
  const over: string[] = []
  if (budget.pages !== undefined && pages > budget.pages) over.push(`${pages} pages; the budget is ${budget.pages}`)
  if (budget.atNight !== undefined && atNight > budget.atNight)
    over.push(`${atNight} pages at night; the budget is ${budget.atNight}`)
  return over
}
