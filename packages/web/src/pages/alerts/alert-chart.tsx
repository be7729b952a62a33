import { Link } from '@tanstack/react-router'
import type { AlertDetail, AlertSamples } from '@tidewatch/api/alert-why.ts'
import { toChartData } from '../../charts/series.ts'
import { TimeChart } from '../../charts/time-chart.tsx'
import { unitOfQuery } from '../../charts/unit-of-query.ts'
import { toLoadable } from '../../data/loadable.ts'
import { useRangeQuery } from '../../data/prometheus.ts'
import { asksLogs, linesHref } from '../../data/rule-place.ts'
import { linkSearch } from '../../data/search.ts'
import { usePageRange, usePageSearch } from '../../data/use-range.ts'
import { Loaded, useTicking } from '../../ui/loaded.tsx'
import { formatSeconds, formatValue, type Unit } from '../../ui/units.ts'
import { type Comparison, splitComparison } from './comparison.ts'
import { lifeOf } from './why-model.ts'

const chartPx = 260

/** The value of an alert against its limit, and its course. */
export function AlertChart({ detail }: { readonly detail: AlertDetail }) {
  const { rule, samples, name } = detail
  const nowMs = useTicking(10_000)
  if (rule === undefined) return <Posted detail={detail} />
  const comparison = splitComparison(rule.query)
  const query = comparison?.measured ?? samples?.query ?? rule.query
  const unit = unitOfQuery(query)
  const limits =
    comparison === undefined
      ? []
      : [
          {
            value: comparison.limit,
            name: `limit ${comparison.operator} ${formatValue(comparison.limit, unit)}`,
            tone: 'crit' as const,
          },
        ]
  const drawn = { title: name, unit, height: chartPx, limits, spans: lifeOf(detail, nowMs) }
  return (
    <div className="alert-chart">
      <ValueLine detail={detail} comparison={comparison} unit={unit} query={query} />
      {detail.state === 'ended' ? <Kept samples={samples} drawn={drawn} /> : <Live query={query} drawn={drawn} />}
      <pre className="alert-rule">{rule.query}</pre>
    </div>
  )
}

interface ValueLineProps {
  readonly detail: AlertDetail
  readonly comparison: Comparison | undefined
  readonly unit: Unit
  readonly query: string
}

function ValueLine({ detail: { value, state, rule, fromMs, toMs }, comparison, unit, query }: ValueLineProps) {
  const search = usePageSearch()
  const range = state === 'ended' ? { range: undefined, from: String(fromMs), to: String(toMs) } : {}
  return (
    <div className="alert-value">
      {value !== undefined && (
        <span className={`alert-number ${state === 'firing' ? 'crit' : state === 'pending' ? 'warn' : ''}`}>
          {formatValue(Number(value), unit)}
        </span>
      )}
      {comparison !== undefined && (
        <span>
          <span className="small third">Limit</span>
          <br />
          <span className="label">
            {comparison.operator} {formatValue(comparison.limit, unit)}
            {rule !== undefined && rule.forMs > 0 && ` for ${formatSeconds(rule.forMs / 1000)}`}
          </span>
        </span>
      )}
      {asksLogs(query) ? (
        <a href={linesHref(query, { ...search, ...range })} className="link small end">
          Open in Logs
        </a>
      ) : (
        <Link to="/explore" search={linkSearch({ ...range, q: query })} className="link small end">
          Open in Metrics
        </Link>
      )}
    </div>
  )
}

type Drawn = Pick<Parameters<typeof TimeChart>[0], 'title' | 'unit' | 'height' | 'limits' | 'spans'>

/** Over the page's range, with the newest values. */
function Live({ query, drawn }: { readonly query: string; readonly drawn: Drawn }) {
  const { zoom, zoomOut } = usePageRange()
  const result = useRangeQuery(query)
  return (
    <Loaded
      of={toLoadable(result)}
      what="the chart"
      height={chartPx}
      isEmpty={(answer) => answer.chart.total === 0}
      empty={<p className="second small">No value in this range.</p>}
    >
      {({ chart, grid }) => <TimeChart {...drawn} data={chart} grid={grid} onZoom={zoom} onZoomOut={zoomOut} />}
    </Loaded>
  )
}

/** Around its decision, as it was. */
function Kept({ samples, drawn }: { readonly samples: AlertSamples | undefined; readonly drawn: Drawn }) {
  if (samples === undefined || samples.series.length === 0)
    return <p className="second small">{samples?.failure ?? 'Its values are not kept.'}</p>
  const { startMs, endMs, stepMs } = samples
  const matrix = samples.series.map(({ labels, values }) => ({
    metric: labels,
    values: values.flatMap((value, index): [number, string][] =>
      value === null ? [] : [[(startMs + index * stepMs) / 1000, String(value)]],
    ),
  }))
  const grid = { startMs, endMs, stepMs }
  return <TimeChart {...drawn} data={toChartData(matrix, grid)} grid={grid} />
}

/** Of an alert that somebody sent only the sender knows a value. */
function Posted({ detail: { generatorUrl } }: { readonly detail: AlertDetail }) {
  return (
    <p className="second alert-chart">
      It was sent here, so its sender knows its value.{' '}
      {/^https?:\/\//.test(generatorUrl) && (
        <a className="link break" href={generatorUrl} target="_blank" rel="noreferrer noopener">
          Open where it comes from
        </a>
      )}
    </p>
  )
}
