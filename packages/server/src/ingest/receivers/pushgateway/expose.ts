// Groups as the real Pushgateway shows them: in the text format, and in the JSON of its API (prometheus/pushgateway, README: Query API).
import { setImmediate } from 'node:timers/promises'
import { formatFloat } from '@tidewatch/core/format-float.ts'
import { metricNameLabel } from '@tidewatch/core/labels.ts'
import type { GroupFamily, GroupSeries, PushedGroup } from './groups.ts'

/** Text format 0.0.4, by name. A series without instance gets an empty one, which keeps a scraper from adding its own. */
export async function exposeText(groups: readonly PushedGroup[]): Promise<string> {
  const byName = new Map<string, GroupFamily[]>()
  for (const family of groups.flatMap(({ exposed }) => exposed)) {
    const same = byName.get(family.name)
    if (same === undefined) byName.set(family.name, [family])
    else same.push(family)
  }
  const lines: string[] = []
  for (const [name, families] of [...byName].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const written = plainName.test(name) ? name : quote(name)
    // groups may differ in it: the newest counts
    const { help } = families.reduce((newest, family) => (family.atMs > newest.atMs ? family : newest))
    if (help !== '') lines.push(`# HELP ${written} ${help.replaceAll('\\', '\\\\').replaceAll('\n', '\\n')}`)
    lines.push(`# TYPE ${written} ${families[0].type}`)
    for (const { series } of families) {
      for (const one of series) {
        if (one.histogram !== undefined) continue
        lines.push(seriesLine(one))
        if (lines.length % sliceLines === 0) await setImmediate()
      }
    }
  }
  return lines.length === 0 ? '' : `${lines.join('\n')}\n`
}

/** Lines between two turns of the thread: about 4 ms. */
const sliceLines = 2000
const plainName = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/
const plainLabel = /^[a-zA-Z_][a-zA-Z0-9_]*$/

function seriesLine({ labels, value }: GroupSeries): string {
  const name = labels.get(metricNameLabel)
  const isPlain = plainName.test(name)
  const inner = labelEntries(labels).map(
    ([label, text]) => `${plainLabel.test(label) ? label : quote(label)}=${quote(text)}`,
  )
  return `${isPlain ? name : ''}{${[...(isPlain ? [] : [quote(name)]), ...inner].join(',')}} ${formatFloat(value)}`
}

function labelEntries(labels: GroupSeries['labels']): [string, string][] {
  const entries = [...labels.entries()].filter(([name]) => name !== metricNameLabel)
  return labels.has('instance') ? entries : [...entries, ['instance', '']]
}

function quote(text: string): string {
  return `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')}"`
}

/** The data of `GET /api/v1/metrics`. */
export function exposeJson(groups: readonly PushedGroup[]): readonly object[] {
  return groups.map(({ grouping, exposed, pushedAtMs, failedAtMs }) => ({
    ...Object.fromEntries(exposed.map((family) => [family.name, familyJson(family)])),
    labels: Object.fromEntries(grouping),
    last_push_successful: pushedAtMs > failedAtMs,
  }))
}

function familyJson({ name, type, help, atMs, series }: GroupFamily): object {
  return {
    time_stamp: new Date(atMs).toISOString(),
    type: type.toUpperCase(),
    ...(help === '' ? {} : { help }),
    metrics:
      type === 'histogram' || type === 'summary'
        ? composed(series, { name, type })
        : series.map(({ labels, value }) => ({
            labels: Object.fromEntries(labelEntries(labels)),
            value: formatFloat(value),
          })),
  }
}

interface Composed {
  readonly labels: object
  readonly buckets?: Record<string, string>
  readonly quantiles?: Record<string, string>
  count: string
  sum: string
}

/** The series of a histogram or summary, put together by the labels that they share. */
function composed(
  series: readonly GroupSeries[],
  { name, type }: { readonly name: string; readonly type: 'histogram' | 'summary' },
): readonly Composed[] {
  const found = new Map<string, Composed>()
  const bound = type === 'histogram' ? 'le' : 'quantile'
  for (const { labels, value, histogram } of series) {
    if (histogram !== undefined) continue
    const shared = labels.without(new Set([metricNameLabel, bound]))
    const key = shared.key()
    const fresh = { labels: Object.fromEntries(labelEntries(shared)), count: '0', sum: '0' }
    const one = found.get(key) ?? (type === 'histogram' ? { ...fresh, buckets: {} } : { ...fresh, quantiles: {} })
    found.set(key, one)
    const text = formatFloat(value)
    const own = labels.get(metricNameLabel)
    const parts = one.buckets ?? one.quantiles
    if (own === `${name}_count`) one.count = text
    else if (own === `${name}_sum`) one.sum = text
    else if (parts !== undefined) parts[labels.get(bound)] = text
  }
  return [...found.values()]
}
