// What would make a noisy rule quieter without hiding what matters, with the change where it can be computed. Pure.
import type { NoiseProposal } from '@tidewatch/api/alert-history.ts'
import { formatDurationMs } from '@tidewatch/core/time.ts'
import { printNumber } from '@tidewatch/promql/print.ts'
import type { AlertingRule } from '../rules/rule-file.ts'
import { comparisonOf } from '../why/comparison.ts'
import { lengthsOf, median, type RuleFigures, shortMs } from './figures.ts'
import type { Episode } from './read.ts'

export interface ProposalFacts {
  /** Undefined for alerts that were posted, and for rules that are gone. */
  readonly rule: AlertingRule | undefined
  readonly file: string
  /** What the rule's expression was nearly always below (or above, where it asks for less); undefined: not known. */
  readonly usualExtreme: number | undefined
}

/** With fewer nothing can be said. */
const fewest = 5
const minuteMs = 60_000
/** Alerts of one rule that begin so close together are one event. */
const togetherMs = 5 * minuteMs

export function proposalsFor(figures: RuleFigures, facts: ProposalFacts): NoiseProposal[] {
  if (figures.fired < fewest) return []
  return [
    ...longerFor(figures, facts),
    ...keptFiring(figures, facts),
    ...grouped(figures),
    ...otherThreshold(figures, facts),
  ]
}

/** Most ended by themselves within minutes: waiting as long as they usually last would have spared half of those. */
function longerFor({ episodes, shortLived }: RuleFigures, { rule, file }: ProposalFacts): NoiseProposal[] {
  if (shortLived * 2 < episodes.length) return []
  const short = lengthsOf(episodes).filter((length) => length < shortMs)
  const usualMs = median(short) ?? 0
  const formerMs = rule?.forMs ?? 0
  const nextMs = formerMs + Math.max(minuteMs, Math.ceil(usualMs / minuteMs) * minuteMs)
  const saved = episodes.filter(
    ({ firedAtMs, endedAtMs, acknowledgedAtMs }) =>
      endedAtMs !== undefined && acknowledgedAtMs === undefined && endedAtMs - firedAtMs < nextMs - formerMs,
  )
  const text = `${shortLived} of ${episodes.length} ended within 5m, usually after ${formatDurationMs(Math.round(usualMs / 1000) * 1000)}: with "for: ${formatDurationMs(nextMs)}" ${saved.length} would not have fired, and the others would be told ${formatDurationMs(nextMs - formerMs)} later.`
  return [{ kind: 'for', text, saves: messagesOf(saved), ...patch(rule, file, { for: formatDurationMs(nextMs) }) }]
}

/** It ends and begins anew: held over the pauses it would be one alert. */
function keptFiring({ episodes }: RuleFigures, { rule, file }: ProposalFacts): NoiseProposal[] {
  const pauses: { readonly ms: number; readonly next: Episode }[] = []
  for (const own of Map.groupBy(episodes, ({ fingerprint }) => fingerprint).values()) {
    const inOrder = own.toSorted((a, b) => a.firedAtMs - b.firedAtMs)
    for (const [i, next] of inOrder.entries()) {
      const endedAtMs = inOrder[i - 1]?.endedAtMs
      if (endedAtMs !== undefined) pauses.push({ ms: Math.max(0, next.firedAtMs - endedAtMs), next })
    }
  }
  const short = pauses.filter(({ ms }) => ms < 3 * shortMs)
  const hasFlapped = episodes.filter(({ flapped }) => flapped).length
  if (short.length * 2 < episodes.length && hasFlapped < fewest) return []
  const sorted = short.map(({ ms }) => ms).sort((a, b) => a - b)
  // nine of ten pauses
  const pauseMs = sorted[Math.floor(sorted.length * 0.9)] ?? shortMs
  const keepMs = Math.max(minuteMs, Math.ceil(pauseMs / minuteMs) * minuteMs)
  const spared = short.filter(({ ms }) => ms <= keepMs).map(({ next }) => next)
  const text = `It comes and goes: ${short.length} times it began anew within 15m of its end. With "keep_firing_for: ${formatDurationMs(keepMs)}" it would have stayed one alert ${spared.length} times.`
  const set = { keep_firing_for: formatDurationMs(keepMs) }
  return [{ kind: 'keep_firing_for', text, saves: messagesOf(spared), ...patch(rule, file, set) }]
}

/** Many alerts of the rule begin together: they are one event, and one message. */
function grouped({ episodes, rule }: RuleFigures): NoiseProposal[] {
  const inOrder = episodes.toSorted((a, b) => a.firedAtMs - b.firedAtMs)
  const waves: Episode[][] = []
  for (const episode of inOrder) {
    const wave = waves.at(-1)
    const begins = wave?.[0]
    if (wave !== undefined && begins !== undefined && episode.firedAtMs - begins.firedAtMs < togetherMs)
      wave.push(episode)
    else waves.push([episode])
  }
  const wide = waves.filter((wave) => wave.length >= 3)
  const inWide = wide.flat()
  if (inWide.length * 2 < episodes.length) return []
  const messages = messagesOf(inWide)
  // one message already where they are grouped
  if (messages < wide.length * 3) return []
  const names = commonLabels(inWide)
  const by = ['alertname', ...names.filter((name) => name !== 'alertname')].slice(0, 3)
  const saves = Math.max(0, messages - wide.length)
  const text = `${inWide.length} of ${episodes.length} began in ${wide.length} waves of three or more: a route for ${rule} with "group_by: [${by.join(', ')}]" tells each wave once.`
  const diff = `+ - matchers: [alertname=${JSON.stringify(rule)}]\n+   group_by: [${by.join(', ')}]\n`
  return [
    {
      kind: 'group_by',
      text,
      saves,
      patch: { file: 'alertmanager.yml', set: { group_by: `[${by.join(', ')}]` }, diff },
    },
  ]
}

/** Labels that have one value in all of them. */
function commonLabels(episodes: readonly Episode[]): string[] {
  const [first] = episodes
  const names = Object.keys(first?.labels ?? {}).sort()
  return names.filter((name) => episodes.every(({ labels }) => labels[name] === first?.labels[name]))
}

/** The threshold lies within what is usual: where nobody ever takes it, it asks for too little. */
function otherThreshold(
  { episodes, acknowledged }: RuleFigures,
  { rule, file, usualExtreme }: ProposalFacts,
): NoiseProposal[] {
  if (rule === undefined || usualExtreme === undefined || acknowledged * 10 > episodes.length) return []
  const comparison = comparisonOf(rule.expr)
  const threshold = Number(comparison?.threshold)
  if (comparison === undefined || !Number.isFinite(threshold) || comparison.beside.length > 0) return []
  const isAbove = comparison.operator === '>' || comparison.operator === '>='
  const isUseful = isAbove ? usualExtreme > threshold : usualExtreme < threshold
  if (!isUseful || !(isAbove || comparison.operator === '<' || comparison.operator === '<=')) return []
  const next = printNumber(Number(usualExtreme.toPrecision(3)))
  const expr = `${comparison.value} ${comparison.operator} ${next}`
  const text = `${acknowledged} of ${episodes.length} were taken by anybody, and the value is ${isAbove ? 'above' : 'below'} ${comparison.threshold} more often than one time in a hundred: ${comparison.operator} ${next} is where 99 % of the time is quiet.`
  return [{ kind: 'threshold', text, ...patch(rule, file, { expr }) }]
}

const messagesOf = (episodes: readonly Episode[]): number =>
  episodes.reduce((sum, { notifications }) => sum + notifications, 0)

/** Only for rules that stand in a file as Prometheus writes them; the keys of others differ. */
function patch(
  rule: AlertingRule | undefined,
  file: string,
  set: Readonly<Record<string, string>>,
): { readonly patch?: NonNullable<NoiseProposal['patch']> } {
  if (rule === undefined || (rule.origin !== undefined && set.expr !== undefined)) return {}
  const former: Readonly<Record<string, string | undefined>> = {
    for: rule.forMs === 0 ? undefined : formatDurationMs(rule.forMs),
    keep_firing_for: rule.keepFiringForMs === 0 ? undefined : formatDurationMs(rule.keepFiringForMs),
    expr: rule.expr,
  }
  const head = rule.origin === undefined ? `  - alert: ${rule.name}\n` : `  - name: ${rule.name}\n`
  const lines = Object.entries(set).map(([key, value]) => {
    const was = former[key]
    return `${was === undefined ? '' : `-   ${key}: ${was}\n`}+   ${key}: ${value}\n`
  })
  return { patch: { file, set: { ...set }, diff: head + lines.join('') } }
}
