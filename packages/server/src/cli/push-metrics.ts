import { systemClock } from '@tidewatch/core/clock.ts'
import { encodeLabels } from '@tidewatch/core/encoded-labels.ts'
import { AppError, quoteValue } from '@tidewatch/core/error.ts'
import { Labels } from '@tidewatch/core/labels.ts'
import { parseDurationMs } from '@tidewatch/core/time.ts'
import { readExposition } from '../collect/exposition/read.ts'
import { SeriesSamples, sendBody, WriteBody } from '../features/import/write-request.ts'
import { allValues, type Command, type CommandCall } from './command.ts'
import { readFileText, readStandardInput } from './input-text.ts'
import { baseUrl, bearer, remoteFlags } from './remote.ts'

export const pushMetrics: Command = {
  name: 'push metrics',
  summary: 'Send metrics pages, as targets answer them, to a running server by remote write',
  usage: '[FILE...]',
  flags: [
    { name: 'label', argument: 'NAME=VALUE', help: 'a label of all series; may be repeated', fallback: 'job=promtool' },
    { name: 'timeout', argument: 'DURATION', help: 'given up after so long', fallback: '30s' },
    ...remoteFlags,
  ],
  async run(call) {
    const labels = labelsOf(call)
    const signal = AbortSignal.timeout(timeoutMs(call))
    const pages = call.words.length === 0 ? [await readStandardInput()] : call.words.map(readFileText)
    const body = new WriteBody()
    const nowMs = systemClock.nowMs()
    for (const page of pages) await addPage(body, page, { labels, nowMs, signal })
    const count = body.samples
    const refused = await sendBody(body.take(), {
      ...{ url: baseUrl(call), headers: bearer(call), signal, clock: systemClock },
      onRetry: (reason, afterMs) => call.err(`${reason}; again in ${Math.round(afterMs / 1000)} s`),
    })
    if (refused !== undefined) throw new AppError('http.invalid', `not all samples were taken: ${refused}`)
    call.out(count === 1 ? '1 sample stored.' : `${count} samples stored.`)
    return 0
  },
}

async function addPage(
  body: WriteBody,
  page: string,
  {
    labels,
    nowMs,
    signal,
  }: { readonly labels: Readonly<Record<string, string>>; readonly nowMs: number; readonly signal: AbortSignal },
): Promise<void> {
  const samples = new SeriesSamples()
  const bits = new DataView(new ArrayBuffer(8))
  await readExposition(
    new TextEncoder().encode(page),
    { format: 'text', signal },
    {
      sample(flat, value, timeMs) {
        const own: Record<string, string> = {}
        for (let i = 0; i < flat.length; i += 2) own[flat[i] as string] = flat[i + 1] as string
        samples.clear()
        bits.setFloat64(0, value, true)
        samples.float(Number.isNaN(timeMs) ? nowMs : timeMs, bits.getUint32(0, true), bits.getUint32(4, true))
        body.add(encodeLabels(Labels.from({ ...own, ...labels })), samples)
      },
      // text has none, and types are told by what is scraped
      histogram: () => undefined,
      metadata: () => undefined,
    },
  )
}

function labelsOf({ rawArgs }: CommandCall): Readonly<Record<string, string>> {
  const labels = allValues(rawArgs, 'label').map((text): [string, string] => {
    const at = text.indexOf('=')
    if (at < 1)
      throw new AppError('config.invalid', `--label has ${quoteValue(text)}.`, { fix: 'Write --label name=value.' })
    return [text.slice(0, at), text.slice(at + 1)]
  })
  return { job: 'promtool', ...Object.fromEntries(labels) }
}

function timeoutMs({ flags }: CommandCall): number {
  const ms = parseDurationMs(flags.get('timeout') ?? '30s')
  if (ms !== undefined && ms > 0 && ms < 2 ** 31) return ms
  throw new AppError('config.invalid', '--timeout is not a duration.', { fix: 'Write a unit: 30s.' })
}
