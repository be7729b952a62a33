import { AppError } from '@tidewatch/core/error.ts'
import { Labels } from '@tidewatch/core/labels.ts'
import type { Command } from './command.ts'
import { getPrometheus, type PrometheusAnswer, remoteFlags } from './remote.ts'

export const query: Command = {
  name: 'query',
  summary: 'Ask PromQL of a running server',
  usage: "'EXPRESSION' [--time TIME | --start TIME --end TIME --step DURATION]",
  flags: [
    { name: 'time', argument: 'TIME', help: 'Unix seconds or RFC 3339; now when left out' },
    { name: 'start', argument: 'TIME', help: 'with --end: a range in place of one time' },
    { name: 'end', argument: 'TIME', help: 'end of the range' },
    { name: 'step', argument: 'DURATION', help: 'resolution of the range', fallback: '1m' },
    { name: 'output', argument: 'table|json', help: 'how to print it', fallback: 'table' },
    ...remoteFlags,
  ],
  async run(call) {
    const { words, flags, out, err } = call
    const output = flags.get('output') ?? 'table'
    if (words.length !== 1)
      throw new AppError('config.invalid', 'give one expression.', {
        fix: "Put it into quotes: tidewatch query 'sum(rate(http_requests_total[5m]))'",
      })
    if (output !== 'table' && output !== 'json')
      throw new AppError('config.invalid', '--output is neither table nor json.')
    const start = flags.get('start')
    const end = flags.get('end')
    if ((start === undefined) !== (end === undefined))
      throw new AppError('config.invalid', '--start and --end belong together.')
    const time = flags.get('time')
    const expr = words[0] as string
    const answer =
      start === undefined || end === undefined
        ? await getPrometheus(call, '/api/v1/query', { query: expr, ...(time === undefined ? {} : { time }) })
        : await getPrometheus(call, '/api/v1/query_range', { query: expr, start, end, step: flags.get('step') ?? '1m' })
    out(output === 'json' ? JSON.stringify(answer, undefined, 2) : toTable(answer))
    for (const note of [...(answer.warnings ?? []), ...(answer.infos ?? [])]) err(note)
    return 0
  },
}

const seriesText = (metric: Readonly<Record<string, string>>): string => Labels.from(metric).toString()

/** Aligned text: a line for each series of a vector, a block for each of a matrix. */
export function toTable({ data }: PrometheusAnswer): string {
  if (data.resultType === 'scalar' || data.resultType === 'string') return data.result[1]
  if (data.resultType === 'vector') {
    const rows = data.result.map(
      ({ metric, value, histogram }) => [seriesText(metric), value?.[1] ?? JSON.stringify(histogram?.[1])] as const,
    )
    if (rows.length === 0) return 'No series.'
    const width = Math.max(...rows.map(([series]) => series.length))
    return rows.map(([series, value]) => `${series.padEnd(width)}  ${value}`).join('\n')
  }
  if (data.result.length === 0) return 'No series.'
  const blocks = data.result.map(({ metric, values = [], histograms = [] }) => {
    const points = values.map(([at, value]) => `  ${new Date(at * 1000).toISOString()}  ${value}`)
    return [seriesText(metric), ...points, ...histograms.map((point) => `  ${JSON.stringify(point)}`)].join('\n')
  })
  return blocks.join('\n')
}
