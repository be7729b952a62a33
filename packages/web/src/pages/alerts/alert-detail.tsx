import { Link } from '@tanstack/react-router'
import { ChevronRight } from 'lucide-react'
import { TimeChart } from '../../charts/time-chart.tsx'
import { unitOfQuery } from '../../charts/unit-of-query.ts'
import { toLoadable } from '../../data/loadable.ts'
import { useRangeQuery } from '../../data/prometheus.ts'
import { alertName, alertSentence, type LiveAlert, ownLabels } from '../../data/rules.ts'
import type { Search } from '../../data/search.ts'
import { usePageRange } from '../../data/use-range.ts'
import { StateWord } from '../../ui/glyph.tsx'
import { Loaded, useTicking } from '../../ui/loaded.tsx'
import { usePreferences } from '../../ui/preferences.ts'
import { formatMoment } from '../../ui/times.ts'
import { formatAge, formatSeconds, formatValue } from '../../ui/units.ts'
import { alertSpans } from './alert-spans.ts'
import { splitComparison } from './comparison.ts'
import { LabelChips } from './label-chips.tsx'

/** One alert: its value against its limit, the chart, what the rule says. */
export function AlertDetail({ live }: { readonly live: LiveAlert }) {
  const nowMs = useTicking(1000)
  const { alert, rule, sinceMs, state, severity } = live
  const since = sinceMs === undefined ? '' : ` for ${formatAge(nowMs - sinceMs)}`
  return (
    <>
      <nav className="crumbs small second" aria-label="Breadcrumb">
        <Link to="/alerts" search={((before: Search) => ({ ...before, alert: undefined })) as never} className="link">
          Alerts
        </Link>
        <ChevronRight className="icon" aria-hidden />
        <span>{live.group.name}</span>
      </nav>
      <div className="page-head alert-head">
        <h1 className="break">{alertName(alert)}</h1>
        <span className="note">
          <StateWord
            state={state === 'pending' ? 'pending' : severity}
          >{`${alert.labels.severity ?? 'warning'}, ${state}${since}`}</StateWord>
        </span>
      </div>
      <p className="lead break">{alertSentence(live)}</p>
      <LabelChips labels={ownLabels(alert)} />
      <div className="columns alert-body">
        <AlertChart live={live} />
        <aside className="aside" aria-label="The rule">
          <section className="section">
            <RuleFacts live={live} />
          </section>
          <Annotations annotations={alert.annotations} summary={alertSentence(live)} />
        </aside>
      </div>
      <p className="small third">
        Rule “{rule.name}” is in {live.group.file}.
      </p>
    </>
  )
}

function AlertChart({ live }: { readonly live: LiveAlert }) {
  const { alert, rule, state } = live
  const { zoom, zoomOut } = usePageRange()
  const comparison = splitComparison(rule.query)
  const query = comparison?.measured ?? rule.query
  const result = useRangeQuery(query)
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
  return (
    <div className="alert-chart">
      <div className="alert-value">
        <span className={`alert-number ${state === 'firing' ? 'crit' : 'warn'}`}>
          {formatValue(Number(alert.value), unit)}
        </span>
        {comparison !== undefined && (
          <span>
            <span className="small third">Limit</span>
            <br />
            <span className="label">
              {comparison.operator} {formatValue(comparison.limit, unit)}
              {rule.duration > 0 && ` for ${formatSeconds(rule.duration)}`}
            </span>
          </span>
        )}
        <Link
          to="/explore"
          search={((before: Search) => ({ ...before, alert: undefined, q: query })) as never}
          className="link small end"
        >
          Open in Metrics
        </Link>
      </div>
      <Loaded
        of={toLoadable(result)}
        what="the chart"
        height={260}
        isEmpty={(answer) => answer.chart.total === 0}
        empty={<p className="second small">No value in this range.</p>}
      >
        {({ chart, grid }) => (
          <TimeChart
            title={alertName(alert)}
            data={chart}
            grid={grid}
            unit={unit}
            height={260}
            limits={limits}
            spans={alertSpans(live, grid.endMs)}
            onZoom={zoom}
            onZoomOut={zoomOut}
          />
        )}
      </Loaded>
      <pre className="alert-rule">{rule.query}</pre>
    </div>
  )
}

function RuleFacts({ live }: { readonly live: LiveAlert }) {
  const { zone } = usePreferences()
  const { rule, group, sinceMs } = live
  return (
    <dl className="facts small">
      {sinceMs !== undefined && (
        <>
          <dt>Since</dt>
          <dd>{formatMoment(sinceMs, zone)}</dd>
        </>
      )}
      <dt>Fires after</dt>
      <dd>{rule.duration === 0 ? 'the first time' : formatSeconds(rule.duration)}</dd>
      {rule.keepFiringFor !== undefined && rule.keepFiringFor > 0 && (
        <>
          <dt>Keeps firing</dt>
          <dd>{formatSeconds(rule.keepFiringFor)}</dd>
        </>
      )}
      <dt>Evaluated every</dt>
      <dd>{formatSeconds(group.interval)}</dd>
      <dt>Group</dt>
      <dd>{group.name}</dd>
    </dl>
  )
}

function Annotations({
  annotations,
  summary,
}: {
  readonly annotations: Readonly<Record<string, string>>
  readonly summary: string
}) {
  const entries = Object.entries(annotations).filter(([, value]) => value !== summary)
  if (entries.length === 0) return null
  return (
    <section className="section">
      <dl className="annotations">
        {entries.map(([name, value]) => (
          <div key={name}>
            <dt className="small third">{name.replaceAll('_', ' ')}</dt>
            <dd className="break">{/^https?:\/\//.test(value) ? <SafeLink url={value} /> : value}</dd>
          </div>
        ))}
      </dl>
    </section>
  )
}

/** A link out of an annotation: only http and https, and the other side learns nothing of us. */
function SafeLink({ url }: { readonly url: string }) {
  return (
    <a className="link" href={url} target="_blank" rel="noreferrer noopener">
      {url}
    </a>
  )
}
