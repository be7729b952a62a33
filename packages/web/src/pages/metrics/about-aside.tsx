import { useQuery } from '@tanstack/react-query'
import { type InstantAnswer, metadataQuery, type RangeAnswer } from '../../data/prometheus.ts'
import { ProblemBox } from '../../ui/problem-box.tsx'
import { formatNumber, formatSeconds } from '../../ui/units.ts'
import { namedMetrics, tableRows } from './model.ts'

interface AboutAsideProps {
  readonly queries: readonly string[]
  readonly answers: readonly (RangeAnswer | undefined)[]
  readonly instant: InstantAnswer | undefined
}

/** What the metrics of the queries are, what the answer warns of, and what it cost. */
export function AboutAside({ queries, answers, instant }: AboutAsideProps) {
  const { data: metadata = {} } = useQuery(metadataQuery)
  const metrics = [...new Set(queries.flatMap((query) => namedMetrics(query, metadata)))]
  const given = answers.filter((answer) => answer !== undefined)
  const notes = instant === undefined ? given : [instant]
  const warnings = [...new Set(notes.flatMap((answer) => answer.warnings))]
  const infos = [...new Set(notes.flatMap((answer) => answer.infos))]
  return (
    <aside className="aside explorer-aside" aria-label="About the answer">
      {warnings.map((text) => (
        <ProblemBox key={text} tone="warning" problem={{ what: text }} />
      ))}
      {infos.map((text) => (
        <ProblemBox key={text} tone="info" problem={{ what: text }} />
      ))}
      <Cost answers={given} instant={instant} />
      {metrics.map((name) => (
        <section key={name}>
          <h2 className="break mono small">{name}</h2>
          {(metadata[name] ?? []).slice(0, 1).map(({ type, help }) => (
            <p key={type} className="small second break">
              {help === '' ? 'No description.' : help} <span className="third">{typeWords[type] ?? type}</span>
            </p>
          ))}
        </section>
      ))}
    </aside>
  )
}

const typeWords: Readonly<Record<string, string | undefined>> = {
  counter: 'Counter: it only grows, ask for its rate.',
  gauge: 'Gauge: it goes up and down.',
  histogram: 'Histogram: counts by upper bound.',
  summary: 'Summary: quantiles made by the client.',
}

function Cost({
  answers,
  instant,
}: {
  readonly answers: readonly RangeAnswer[]
  readonly instant: InstantAnswer | undefined
}) {
  const series =
    instant === undefined
      ? answers.reduce((sum, answer) => sum + answer.chart.total, 0)
      : tableRows(instant.data).length
  const samples = answers.reduce((sum, answer) => sum + answer.samples, 0)
  const tookMs = instant?.tookMs ?? Math.max(0, ...answers.map((answer) => answer.tookMs))
  const [first] = answers
  if (instant === undefined && first === undefined) return null
  return (
    <dl className="facts small">
      <dt>Took</dt>
      <dd>{formatSeconds(Math.round(tookMs) / 1000)}</dd>
      <dt>Series</dt>
      <dd>{formatNumber(series)}</dd>
      {instant === undefined && (
        <>
          <dt>Points</dt>
          <dd>{formatNumber(samples)}</dd>
          <dt>Step</dt>
          <dd>{formatSeconds((first?.grid.stepMs ?? 0) / 1000)}</dd>
        </>
      )}
    </dl>
  )
}
