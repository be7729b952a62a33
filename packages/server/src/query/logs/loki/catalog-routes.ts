// Which labels and streams there are, and how much of them: what query editors complete, and what they warn of.

import { logRecord } from '@tidewatch/core/log-record.ts'
import { severityWord } from '@tidewatch/core/log-severity.ts'
import { labelName } from '@tidewatch/logquery/logql/line-labels.ts'
import type { Answer, RequestContext, Route } from '../../../http/port.ts'
import type { LogFilter, LogGroupRow, LogStream } from '../../../store/port.ts'
import { lokiRoutes } from './answers.ts'
import { LokiParameters } from './parameters.ts'
import {
  columnOfLabel,
  detectedLevelLabel,
  type LabelColumn,
  levelLabel,
  missingText,
  serviceNameLabel,
  streamLabels,
} from './record-labels.ts'
import type { LokiParts } from './selection.ts'
import { selected } from './selection.ts'

/** Labels that are there beside those of resources, where any line has them. */
const columnLabels = [serviceNameLabel, 'service', levelLabel, detectedLevelLabel, 'environment', 'release'] as const
/** Values of a label at most. */
const maxValues = 10_000
/** Series that are answered at most. */
const maxSeries = 10_000
export function createCatalogRoutes(parts: LokiParts): Route[] {
  const names = (context: RequestContext) => labelNames(context, parts)
  return [
    ...lokiRoutes('/loki/api/v1/labels', 'Names of labels of streams', names),
    ...lokiRoutes('/loki/api/v1/label', 'Names of labels of streams, under their former path', names),
    ...lokiRoutes('/loki/api/v1/label/:name/values', 'Values of a label', (context) => labelValues(context, parts)),
    ...lokiRoutes('/loki/api/v1/series', 'Label sets of streams', (context) => series(context, parts)),
    ...lokiRoutes('/loki/api/v1/detected_labels', 'Labels of streams and how many values they have', (context) =>
      detectedLabels(context, parts),
    ),
  ]
}

async function labelNames(context: RequestContext, parts: LokiParts): Promise<Answer> {
  const { streams, filter, signal } = await selected(context, parts, new LokiParameters(context, 0).get('query'))
  const names = namesOf(streams)
  for (const label of ['environment', 'release'] as const) {
    if (!names.has(label) && (await columnValues(parts, filter, label, signal)).length > 0) names.add(label)
  }
  return { body: { status: 'success', data: [...names].sort() } }
}

function namesOf(streams: readonly LogStream[]): Set<string> {
  const names = new Set<string>()
  for (const { resource } of streams) for (const key of resource.keys()) names.add(labelName(key))
  names.delete('')
  if (streams.length > 0) for (const name of [serviceNameLabel, levelLabel, detectedLevelLabel]) names.add(name)
  if (streams.some(({ service }) => service !== '')) names.add('service')
  return names
}

async function labelValues(context: RequestContext, parts: LokiParts): Promise<Answer> {
  const { name } = context.params as { readonly name: string }
  const { streams, filter, signal } = await selected(context, parts, new LokiParameters(context, 0).get('query'))
  return { body: { status: 'success', data: await valuesOf(parts, { name, streams, filter, signal }) } }
}

interface ValuesRequest {
  readonly name: string
  readonly streams: readonly LogStream[]
  readonly filter: LogFilter
  readonly signal: AbortSignal
}

async function valuesOf(
  parts: LokiParts,
  { name, streams, filter, signal }: ValuesRequest,
): Promise<readonly string[]> {
  const values = new Set<string>()
  const selectedNames = new Set([name])
  const column = columnOfLabel(name)
  const isOfStream = column === undefined || column === 'service'
  for (const stream of streams) {
    const value = isOfStream ? streamLabels(logRecord(stream), selectedNames).get(name) : resourceValue(stream, name)
    if (value !== '') values.add(value)
  }
  if (!isOfStream && streams.length > 0)
    for (const value of await columnValues(parts, filter, name, signal)) values.add(value)
  return [...values].sort().slice(0, maxValues)
}

function resourceValue({ resource }: LogStream, label: string): string {
  for (const [key, value] of resource) if (labelName(key) === label) return value
  return ''
}

/** The values of a label for which a column stands. */
async function columnValues(
  { queries }: LokiParts,
  filter: LogFilter,
  label: string,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const column = columnOfLabel(label)
  if (column === undefined || filter.projects.length === 0) return []
  const groups = [{ kind: 'field', field: { kind: 'column', column }, missing: '' }] as const
  const rows = await queries.reader.aggregate(filter, { groups, measures: [], limit: maxValues }, { signal })
  return [...new Set(rows.map((row) => shownKey(row, label, column)))].filter((value) => value !== '')
}

function shownKey({ keys }: LogGroupRow, label: string, column: LabelColumn): string {
  const key = keys[0] as string
  return (column === 'severity' ? severityWord(Number(key)) : key) || missingText(label)
}

async function series(context: RequestContext, parts: LokiParts): Promise<Answer> {
  const parameters = new LokiParameters(context, 0)
  const selectors = [...parameters.all('match[]'), ...parameters.all('match')]
  const found = new Map<string, object>()
  for (const text of selectors.length === 0 ? [undefined] : selectors) {
    const { streams, log } = await selected(context, parts, text)
    const names = new Set((log?.matchers ?? []).filter(({ op }) => op === '=').map(({ name }) => name))
    for (const stream of streams) {
      const labels = streamLabels(
        { ...logRecord(stream) },
        new Set([...names].filter((name) => columnOfLabel(name) === 'service')),
      )
      if (labels.size > 0 && found.size < maxSeries) found.set(labels.key(), labels.toObject())
    }
  }
  return { body: { status: 'success', data: [...found.values()] } }
}

async function detectedLabels(context: RequestContext, parts: LokiParts): Promise<Answer> {
  const { streams, filter, signal } = await selected(context, parts, new LokiParameters(context, 0).get('query'))
  const names = [...new Set([...namesOf(streams), ...columnLabels])].sort()
  const labels: { readonly label: string; readonly cardinality: number }[] = []
  for (const name of streams.length === 0 ? [] : names) {
    const { length } = await valuesOf(parts, { name, streams, filter, signal })
    if (length > 0) labels.push({ label: name, cardinality: length })
  }
  return { body: { detectedLabels: labels } }
}
