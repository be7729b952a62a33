// From an address and its labels to a target: prometheus.io/docs/prometheus/latest/configuration/configuration/#relabel_config
import { createHash } from 'node:crypto'
import { AppError, quoteValue } from '@tidewatch/core/error.ts'
import { Labels } from '@tidewatch/core/labels.ts'
import { formatDurationMs, parseDurationMs } from '@tidewatch/core/time.ts'
import type { TargetGroup } from '../config.ts'
import { type LabelDraft, setLabel } from '../relabel.ts'
import type { ScrapeJob } from './job.ts'

/** One thing to scrape. */
export interface Target {
  /** What its series carry. */
  readonly labels: Labels
  readonly discoveredLabels: Readonly<Record<string, string>>
  readonly url: URL
  readonly intervalMs: number
  readonly timeoutMs: number
  /** Equal for the same labels at the same URL. */
  readonly key: string
}

export type MadeTarget =
  | { readonly kind: 'target'; readonly target: Target }
  | { readonly kind: 'dropped'; readonly discoveredLabels: Readonly<Record<string, string>> }
  | { readonly kind: 'bad'; readonly error: AppError }

/** All targets of a group. */
export function makeTargets(group: TargetGroup, job: ScrapeJob): readonly MadeTarget[] {
  return group.targets.map((address) => makeTarget(address, group.labels, job))
}

function makeTarget(address: string, groupLabels: Readonly<Record<string, string>>, job: ScrapeJob): MadeTarget {
  const labels = discoveredLabels(address, groupLabels, job)
  const discovered = Object.fromEntries(labels)
  if (!job.relabel(labels)) return { kind: 'dropped', discoveredLabels: discovered }
  try {
    return { kind: 'target', target: finishTarget(labels, discovered, job) }
  } catch (error) {
    return { kind: 'bad', error: AppError.from(error) }
  }
}

/** What relabelling starts from. */
function discoveredLabels(address: string, groupLabels: Readonly<Record<string, string>>, job: ScrapeJob): LabelDraft {
  const labels: LabelDraft = new Map()
  for (const [name, value] of Object.entries(groupLabels)) setLabel(labels, name, value)
  setLabel(labels, '__address__', address)
  const defaults = [
    ['job', job.name],
    ['__scrape_interval__', formatDurationMs(job.intervalMs)],
    ['__scrape_timeout__', formatDurationMs(job.timeoutMs)],
    ['__metrics_path__', job.metricsPath],
    ['__scheme__', job.scheme],
    ...Object.entries(job.params).map(([name, values]) => [`__param_${name}`, values[0] ?? '']),
  ]
  for (const [name, value] of defaults) if (!labels.has(name)) setLabel(labels, name, value)
  return labels
}

function finishTarget(labels: LabelDraft, discovered: Readonly<Record<string, string>>, job: ScrapeJob): Target {
  const address = labels.get('__address__') ?? ''
  if (address === '') throw badTarget(job, 'no address: relabelling left __address__ empty')
  const url = targetUrl(labels, address, job)
  const intervalMs = durationLabel(labels, '__scrape_interval__', job)
  const timeoutMs = durationLabel(labels, '__scrape_timeout__', job)
  if (timeoutMs > intervalMs) throw badTarget(job, 'a scrape timeout that is longer than the scrape interval')
  if (!labels.has('instance')) labels.set('instance', address)
  const kept = Labels.from([...labels].filter(([name]) => !name.startsWith('__')))
  const key = createHash('sha256').update(`${kept.key()}\n${url.href}`).digest('hex')
  return { labels: kept, discoveredLabels: discovered, url, intervalMs, timeoutMs, key }
}

function targetUrl(labels: LabelDraft, address: string, job: ScrapeJob): URL {
  const scheme = labels.get('__scheme__') ?? ''
  if (scheme !== 'http' && scheme !== 'https')
    throw badTarget(job, `the scheme ${quoteValue(scheme)}; http or https is right`)
  if (address.includes('/')) throw badTarget(job, `${quoteValue(address)} as its address; host:port is right`)
  const params = new URLSearchParams()
  for (const [name, values] of Object.entries(job.params)) for (const value of values) params.append(name, value)
  for (const [label, value] of labels) {
    if (!label.startsWith('__param_')) continue
    const name = label.slice('__param_'.length)
    // the first value is the label's, the others stay
    const rest = params.getAll(name).slice(1)
    params.delete(name)
    for (const one of [value, ...rest]) params.append(name, one)
  }
  const path = labels.get('__metrics_path__') ?? '/'
  const query = params.size === 0 ? '' : `${path.includes('?') ? '&' : '?'}${params}`
  try {
    return new URL(`${scheme}://${address}${path.startsWith('/') ? '' : '/'}${path}${query}`)
  } catch {
    throw badTarget(job, `${quoteValue(address)} as its address, which makes no URL`)
  }
}

function durationLabel(labels: LabelDraft, name: string, job: ScrapeJob): number {
  const text = labels.get(name) ?? ''
  const ms = parseDurationMs(text)
  if (ms === undefined || ms === 0)
    throw badTarget(job, `${quoteValue(text)} as ${name}, which is no duration above zero`)
  return ms
}

function badTarget(job: ScrapeJob, what: string): AppError {
  return new AppError('config.invalid', `a target of the job ${quoteValue(job.name)} has ${what}`, {
    fix: 'Check relabel_configs and the discovered labels.',
  })
}

/** A place within the interval that stays the same, so that scrapes spread and restarts change nothing. */
export function scrapeOffsetMs(target: Target, seed: string): number {
  const digest = createHash('sha256').update(`${seed}\n${target.key}`).digest()
  return digest.readUIntBE(0, 6) % target.intervalMs
}

/** The next moment after `nowMs` that lies at the offset of an interval. */
export function nextScrapeMs(nowMs: number, intervalMs: number, offsetMs: number): number {
  const sinceMs = (((nowMs - offsetMs) % intervalMs) + intervalMs) % intervalMs
  return nowMs + intervalMs - sinceMs
}
