// How much there is: lines, bytes and streams of a selector, whole, by labels, and over time.

import { Labels } from '@tidewatch/core/labels.ts'
import { severityWord } from '@tidewatch/core/log-severity.ts'
import { labelName } from '@tidewatch/logquery/logql/line-labels.ts'
import type { Answer, RequestContext, Route } from '../../../http/port.ts'
import type { LogGroup, LogGroupRow } from '../../../store/port.ts'
import { lokiRoutes } from './answers.ts'
import { LokiParameters } from './parameters.ts'
import { columnOfLabel, missingText, serviceNameLabel } from './record-labels.ts'
import { type LokiParts, selected } from './selection.ts'

/** Series of a volume at most, and where nothing is said. */
const maxVolumes = 5000
const defaultVolumes = 100
/** Labels by which a volume is told apart at most. */
const maxLabels = 12
const maxRows = 200_000

export function createVolumeRoutes(parts: LokiParts): Route[] {
  return [
    ...lokiRoutes('/loki/api/v1/index/stats', 'Lines and bytes that a selector has', (context) =>
      stats(context, parts),
    ),
    ...lokiRoutes('/loki/api/v1/index/volume', 'Bytes by labels', (context) => volume(context, parts, false)),
    ...lokiRoutes('/loki/api/v1/index/volume_range', 'Bytes by labels over time', (context) =>
      volume(context, parts, true),
    ),
  ]
}

async function stats(context: RequestContext, parts: LokiParts): Promise<Answer> {
  const query = new LokiParameters(context, 0).required('query')
  const { streams, filter, signal } = await selected(context, parts, query)
  if (streams.length === 0) return { body: { streams: 0, chunks: 0, bytes: 0, entries: 0 } }
  const aggregation = { groups: [], measures: [{ kind: 'body-bytes' }], limit: 1 } as const
  const [row] = await parts.queries.reader.aggregate(filter, aggregation, { signal })
  return { body: { streams: streams.length, chunks: 0, bytes: bytesOf(row), entries: row?.count ?? 0 } }
}

const bytesOf = (row: LogGroupRow | undefined): number => {
  const bytes = row?.values[0]
  return typeof bytes === 'number' ? bytes : 0
}

interface VolumeLabel {
  readonly name: string
  readonly groups: readonly LogGroup[]
  value(keys: readonly string[]): string
}

async function volume(context: RequestContext, parts: LokiParts, isOverTime: boolean): Promise<Answer> {
  const parameters = new LokiParameters(context, parts.clock.nowMs())
  const query = parameters.required('query')
  const limit = parameters.limit(defaultVolumes, maxVolumes)
  const { streams, filter, log, signal } = await selected(context, parts, query)
  const targets = (parameters.get('targetLabels') ?? '').split(',').filter((name) => name !== '')
  const isByName = parameters.get('aggregateBy') === 'labels'
  const keys = [...new Set(streams.flatMap(({ resource }) => [...resource.keys()]))]
  const own = [...new Set((log?.matchers ?? []).map(({ name }) => name))]
  const names =
    targets.length > 0 ? targets : isByName || own.length === 0 ? [serviceNameLabel, ...keys.map(labelName)] : own
  const labels = [...new Set(names)].slice(0, maxLabels).map((name) => volumeLabel(name, keys))
  const stepMs = parameters.stepMs({ fromNs: filter.fromNs, toNs: filter.toNs })
  const time: LogGroup[] = isOverTime
    ? [{ kind: 'interval', widthNs: BigInt(stepMs) * 1_000_000n, offsetNs: filter.fromNs }]
    : []
  const rows =
    streams.length === 0
      ? []
      : await parts.queries.reader.aggregate(
          filter,
          {
            groups: [...time, ...labels.flatMap(({ groups }) => groups)],
            measures: [{ kind: 'body-bytes' }],
            limit: maxRows,
          },
          { signal },
        )
  const volumes = [...sumVolumes(rows, labels, { isOverTime, isByName }).values()]
    .sort((a, b) => b.total - a.total)
    .slice(0, limit)
  const endSeconds = Math.floor(Number(filter.toNs / 1_000_000n) / 1000)
  const result = isOverTime
    ? volumes.map(({ metric, points }) => ({
        metric,
        values: [...points].sort(([a], [b]) => a - b).map(([at, bytes]) => [at, String(bytes)]),
      }))
    : volumes.map(({ metric, total }) => ({ metric, value: [endSeconds, String(total)] }))
  return { body: { status: 'success', data: { resultType: isOverTime ? 'matrix' : 'vector', result, stats: {} } } }
}

function volumeLabel(name: string, keys: readonly string[]): VolumeLabel {
  const column = columnOfLabel(name)
  const resource = keys
    .filter((key) => labelName(key) === name)
    .slice(0, 1)
    .map((key): LogGroup => ({ kind: 'field', field: { kind: 'resource', name: key }, missing: '' }))
  if (column === undefined) return { name, groups: resource, value: ([text = '']) => text }
  return {
    name,
    groups: [...resource, { kind: 'field', field: { kind: 'column', column }, missing: '' }],
    value(texts) {
      const last = texts[texts.length - 1] as string
      const text = column === 'severity' ? (severityWord(Number(last)) ?? '') : last
      return (texts.length > 1 && texts[0]) || text || missingText(name)
    },
  }
}

interface Volume {
  readonly metric: Readonly<Record<string, string>>
  total: number
  /** Bytes by the end of the interval, in seconds. */
  readonly points: Map<number, number>
}

function sumVolumes(
  rows: readonly LogGroupRow[],
  labels: readonly VolumeLabel[],
  { isOverTime, isByName }: { readonly isOverTime: boolean; readonly isByName: boolean },
): Map<string, Volume> {
  const volumes = new Map<string, Volume>()
  for (const row of rows) {
    let at = isOverTime ? 1 : 0
    const own: [string, string][] = []
    for (const { name, groups, value } of labels) {
      own.push([name, value(row.keys.slice(at, at + groups.length))])
      at += groups.length
    }
    const present = own.filter(([, value]) => value !== '')
    const seconds = isOverTime ? Number(BigInt(row.keys[0] as string) / 1_000_000n) / 1000 : 0
    const bytes = bytesOf(row)
    for (const metric of isByName ? present.map(([name]) => ({ [name]: '' })) : [Labels.from(present).toObject()]) {
      const key = JSON.stringify(metric)
      const volume = volumes.get(key) ?? { metric, total: 0, points: new Map() }
      volume.total += bytes
      volume.points.set(seconds, (volume.points.get(seconds) ?? 0) + bytes)
      volumes.set(key, volume)
    }
  }
  return volumes
}
