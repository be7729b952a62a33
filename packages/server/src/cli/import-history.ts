// `import prometheus --from`: what a person sees of it.
import { resolve } from 'node:path'
import { systemClock } from '@tidewatch/core/clock.ts'
import { AppError, quoteValue } from '@tidewatch/core/error.ts'
import { parseDurationMs } from '@tidewatch/core/time.ts'
import { matchersOf } from '@tidewatch/promql/evaluate/plan-selects.ts'
import { parse } from '@tidewatch/promql/parse.ts'
import { parse as parseYaml } from 'yaml'
import type { Flag } from '../config/flags.ts'
import { importHistory } from '../features/import/history.ts'
import { type ImportProgress, readProgress, writeProgress } from '../features/import/progress.ts'
import { encodeHistogramMessage } from '../features/remote-write-out/encode-histogram.ts'
import { crc32c } from '../query/read/crc32c.ts'
import { allValues, type CommandCall } from './command.ts'
import { oldestKeptMs } from './oldest-kept.ts'
import { baseUrl, bearer } from './remote.ts'
import { timeFlag } from './time-flag.ts'

export const historyFlags: readonly Flag[] = [
  { name: 'from', argument: 'URL', help: 'the Prometheus to read; http://user:password@host where it wants them' },
  { name: 'from-token', argument: 'TOKEN', help: 'a bearer token for it (TIDEWATCH_FROM_TOKEN)' },
  { name: 'start', argument: 'TIME', help: 'Unix seconds or RFC 3339; as far back as is kept here when left out' },
  { name: 'end', argument: 'TIME', help: 'now when left out' },
  { name: 'match', argument: 'SELECTOR', help: 'only such series; may be repeated' },
  { name: 'window', argument: 'DURATION', help: 'what is asked for at once', fallback: '2h' },
  { name: 'rate', argument: 'SAMPLES', help: 'at most so many samples a second; 0 for no limit', fallback: '200000' },
  { name: 'progress', argument: 'FILE', help: 'where to remember how far it came', fallback: 'tidewatch-import.json' },
  { name: 'keep-external-labels', argument: undefined, help: "leave the source's external labels on its series" },
]

export async function runImport(call: CommandCall): Promise<number> {
  const { flags, out, err } = call
  const source = readSource(call)
  const to = baseUrl(call)
  const file = resolve(flags.get('progress') ?? 'tidewatch-import.json')
  const written = allValues(call.rawArgs, 'match')
  const endMs = timeFlag(call, 'end') ?? systemClock.nowMs()
  const { progress, isResumed } = await begin(call, { file, from: source.url, to, match: written, endMs })
  const externalLabels = flags.has('keep-external-labels') ? new Map<string, string>() : await externalLabelsOf(source)
  if (externalLabels.size > 0)
    out(
      `taking off external labels: ${[...externalLabels].map(([name, value]) => `${name}=${quoteValue(value)}`).join(', ')}`,
    )
  const time = (ms: number): string => new Date(ms).toISOString()
  if (progress.doneMs >= endMs) {
    out(`everything before ${time(progress.doneMs)} is here already (${file}).`)
    return 0
  }
  out(`${isResumed ? 'going on' : 'beginning'} at ${time(progress.doneMs)}, up to ${time(endMs)}`)
  const stopping = new AbortController()
  let refusals = 0
  const done = await importHistory({
    from: source.url,
    fromHeaders: source.headers,
    target: {
      url: to,
      headers: bearer(call),
      signal: stopping.signal,
      clock: systemClock,
      onRetry: (reason, afterMs) => err(`${reason}; again in ${Math.round(afterMs / 1000)} s`),
    },
    codecs: { crc32c, encodeHistogram: encodeHistogramMessage },
    matcherSets: (written.length > 0 ? written : ['{__name__=~".+"}']).map(readSelector),
    externalLabels,
    progress,
    endMs,
    windowMs: durationFlag(call, 'window', '2h'),
    maxSamplesPerSecond: countFlag(call, 'rate', '200000'),
    clock: systemClock,
    onWindow: (now) => {
      writeProgress(file, now)
      const share = Math.round(((now.doneMs - now.startMs) / (endMs - now.startMs)) * 100)
      out(`${String(share).padStart(3)} %  up to ${time(now.doneMs)}  ${now.samples} samples`)
    },
    onRefused: (text) => {
      refusals++
      // each request may have some: the first few say enough
      if (refusals <= 3) err(`left out: ${text}`)
    },
  })
  out(`done: ${done.samples} samples read and sent; ${file} remembers it, and can go when nothing is to follow`)
  if (refusals === 0) return 0
  err(`${refusals} requests had samples that were left out, see above.`)
  return 1
}

interface Source {
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
}

function readSource({ flags, env }: CommandCall): Source {
  const text = flags.get('from') ?? ''
  if (!URL.canParse(text) || !/^https?:/.test(text))
    throw new AppError('config.invalid', `--from is ${quoteValue(text)}, no URL.`, {
      fix: 'Write one such as http://prometheus:9090',
    })
  const url = new URL(text)
  const token = flags.get('from-token') ?? env.TIDEWATCH_FROM_TOKEN
  const user = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`
  const authorization =
    token !== undefined
      ? `Bearer ${token}`
      : url.username === ''
        ? undefined
        : `Basic ${Buffer.from(user).toString('base64')}`
  url.username = ''
  url.password = ''
  return {
    url: url.href.replace(/\/+$/, ''),
    headers: authorization === undefined ? {} : { authorization },
  }
}

interface Begin extends Pick<ImportProgress, 'from' | 'to' | 'match'> {
  readonly file: string
  readonly endMs: number
}

/** Where to go on, or to begin: not before what is kept here. */
async function begin(
  call: CommandCall,
  { file, from, to, match, endMs }: Begin,
): Promise<{ readonly progress: ImportProgress; readonly isResumed: boolean }> {
  const { out } = call
  const known = readProgress(file)
  if (known !== undefined) {
    const isSame = known.from === from && known.to === to && JSON.stringify(known.match) === JSON.stringify(match)
    if (!isSame)
      throw new AppError(
        'config.invalid',
        `${file} belongs to an import from ${known.from} to ${known.to}, or of other series.`,
        {
          where: { key: '--progress' },
          fix: 'Name another file with --progress.',
        },
      )
    return { progress: known, isResumed: true }
  }
  const oldestMs = await oldestKeptMs(call)
  const asked = timeFlag(call, 'start')
  if (asked === undefined && oldestMs === undefined)
    throw new AppError('config.invalid', 'everything is kept here: say how far back to go.', {
      where: { key: '--start' },
      fix: 'Write one such as --start 2026-01-01T00:00:00Z',
    })
  const startMs = Math.max(asked ?? 0, oldestMs ?? 0)
  if (asked !== undefined && startMs > asked)
    out(
      `what is older than ${new Date(startMs).toISOString()} is not kept here and is left out; to take it start the server with a longer --retention.`,
    )
  if (startMs >= endMs)
    throw new AppError('config.invalid', 'there is nothing between --start and --end that is kept here.', {
      fix: 'Start the server with a longer --retention, or --retention off.',
    })
  return { progress: { from, to, match: [...match], startMs, doneMs: startMs, samples: 0 }, isResumed: false }
}

const minuteMs = 60_000

/** Prometheus gives them to everything that others read from it. None where it does not tell. */
async function externalLabelsOf({ url, headers }: Source): Promise<ReadonlyMap<string, string>> {
  try {
    const answer = await fetch(`${url}/api/v1/status/config`, { headers, signal: AbortSignal.timeout(10_000) })
    const { data } = (await answer.json()) as { readonly data: { readonly yaml: string } }
    const file: unknown = parseYaml(data.yaml)
    const { global } = (file ?? {}) as { readonly global?: { readonly external_labels?: Record<string, unknown> } }
    return new Map(Object.entries(global?.external_labels ?? {}).map(([name, value]) => [name, String(value)]))
  } catch {
    // not every source has the address; remote read itself will say what is wrong with it
    return new Map()
  }
}

function readSelector(text: string) {
  const expr = parse(text)
  if (expr.kind === 'vector_selector') return matchersOf(expr)
  throw new AppError('config.invalid', `--match is ${quoteValue(text)}, no series selector.`, {
    fix: `Write one such as 'up{job="api"}'.`,
  })
}

function durationFlag({ flags }: CommandCall, name: string, fallback: string): number {
  const text = flags.get(name) ?? fallback
  const ms = parseDurationMs(text)
  if (ms !== undefined && ms >= minuteMs) return ms
  throw new AppError('config.invalid', `--${name} is ${quoteValue(text)}, no duration of a minute or more.`, {
    fix: 'Write one such as 2h.',
  })
}

function countFlag({ flags }: CommandCall, name: string, fallback: string): number {
  const text = flags.get(name) ?? fallback
  if (/^\d{1,9}$/.test(text)) return Number(text)
  throw new AppError('config.invalid', `--${name} is ${quoteValue(text)}, no number.`)
}
