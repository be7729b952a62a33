// What the query editor knows of PromQL: the official mode, with names, labels and values of this server. Loaded with the editor.
import type { PrometheusClient } from '@prometheus-io/codemirror-promql'
import { PromQLExtension } from '@prometheus-io/codemirror-promql'
import { EqlRegex, EqlSingle, Neq, NeqRegex } from '@prometheus-io/lezer-promql'
import { metadataData, namesData, seriesData } from '@tidewatch/api/prometheus.ts'
import type { EditorLanguage } from '../ui/query-editor.tsx'
import { callPrometheus } from './client.ts'

interface Matcher {
  readonly name: string
  /** A node type of the grammar. */
  readonly type: number
  /** As it stands between the quotes, escapes included. */
  readonly value: string
  matchesEmpty(): boolean
}

const maxNames = 20_000
const maxSeries = 2000
/** Completion looks at what was there lately. */
const lookbackSeconds = 12 * 3600

export async function promqlLanguage(): Promise<EditorLanguage> {
  const extension = new PromQLExtension().setComplete({ remote: completionClient(), maxMetricsMetadata: maxNames })
  return { extension: extension.asExtension() }
}

function completionClient(): PrometheusClient {
  const metadata = once(
    async () => (await callPrometheus('/metadata', new URLSearchParams(), { schema: metadataData })).data,
  )
  return {
    labelNames: (metric) =>
      orNone(async () => (await callPrometheus('/labels', recent(selector(metric)), { schema: namesData })).data),
    labelValues: (label, metric, matchers) =>
      orNone(
        async () =>
          (
            await callPrometheus(`/label/${encodeURIComponent(label)}/values`, recent(selector(metric, matchers)), {
              schema: namesData,
            })
          ).data,
      ),
    series: (metric, matchers) =>
      orNone(async () => {
        const { data } = await callPrometheus('/series', recent(selector(metric, matchers), maxSeries), {
          schema: seriesData,
        })
        return data.map((labels) => new Map(Object.entries(labels)))
      }),
    metricNames: () =>
      orNone(
        async () =>
          (await callPrometheus('/label/__name__/values', recent(undefined, maxNames), { schema: namesData })).data,
      ),
    metricMetadata: () => metadata().catch(() => ({})),
    flags: async () => ({}),
  }
}

function recent(match: string | undefined, limit = 1000): URLSearchParams {
  const end = Math.ceil(Date.now() / 1000)
  const parameters = new URLSearchParams({
    start: String(end - lookbackSeconds),
    end: String(end),
    limit: String(limit),
  })
  if (match !== undefined) parameters.set('match[]', match)
  return parameters
}

/** The selector of what stands before the cursor; matchers on the empty text would select everything and are left out. */
export function selector(metric: string | undefined, matchers: readonly Matcher[] = []): string | undefined {
  const own = matchers.filter((matcher) => !matcher.matchesEmpty() && operators.has(matcher.type))
  const inner = own.map(({ name, type, value }) => `${name}${operators.get(type)}"${value}"`).join(',')
  const name = metric === undefined || metric === '' ? '' : metric
  return name === '' && inner === '' ? undefined : inner === '' ? name : `${name}{${inner}}`
}

const operators = new Map([
  [EqlSingle, '='],
  [Neq, '!='],
  [EqlRegex, '=~'],
  [NeqRegex, '!~'],
])

/** Completion that fails offers nothing; the query itself tells what is wrong with the server. */
async function orNone<T>(ask: () => Promise<T[]>): Promise<T[]> {
  try {
    return await ask()
  } catch {
    return []
  }
}

/** Asked at most once in five minutes. */
function once<T>(ask: () => Promise<T>): () => Promise<T> {
  let [known, knownAtMs]: [Promise<T> | undefined, number] = [undefined, 0]
  return () => {
    if (known === undefined || Date.now() - knownAtMs > 300_000) {
      knownAtMs = Date.now()
      known = ask().catch((error: unknown) => {
        known = undefined
        throw error
      })
    }
    return known
  }
}
