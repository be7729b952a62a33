import { useQuery } from '@tanstack/react-query'
import { type InstantAnswer, metadataQuery, type RangeAnswer } from '../../data/prometheus.ts'
import type { TimeRange } from '../../data/range.ts'
import { ProblemBox } from '../../ui/problem-box.tsx'
import { formatNumber, formatSeconds } from '../../ui/units.ts'
import { ExplainSection } from './explain-section.tsx'
import { namedMetrics, tableRows } from './model.ts'
import { type AskedQuery, letterOf } from './rows.ts'

interface AboutAsideProps {
  readonly asked: readonly AskedQuery[]
  readonly answers: readonly (RangeAnswer | undefined)[]
  /** Undefined where a range is shown. */
  readonly instants: readonly (InstantAnswer | undefined)[] | undefined
  readonly question: { readonly range: TimeRange; readonly stepMs: number }
}

/** What the metrics of the queries are, what the answer warns of, and what it cost. */
export function AboutAside({ asked, answers, instants, question }: AboutAsideProps) {
  const { data: metadata = {} } = useQuery(metadataQuery)
  const metrics = [...new Set(asked.flatMap(({ query }) => namedMetrics(query, metadata)))]
  const given = answers.filter((answer) => answer !== undefined)
  const values = instants?.filter((answer) => answer !== undefined)
  const notes = values ?? given
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
      <Cost answers={given} instants={values} />
      {asked.map(({ query, index }) => (
        <ExplainSection
          key={index}
          query={query}
          letter={asked.length > 1 ? letterOf(index) : undefined}
          question={question}
          asInstant={instants !== undefined}
        />
      ))}
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

interface CostProps {
  readonly answers: readonly RangeAnswer[]
  readonly instants: readonly InstantAnswer[] | undefined
}

function Cost({ answers, instants }: CostProps) {
  const sum = (counts: readonly number[]): number => counts.reduce((total, count) => total + count, 0)
  const series = sum(instants?.map(({ data }) => tableRows(data).length) ?? answers.map(({ matrix }) => matrix.length))
  const tookMs = Math.max(0, ...(instants ?? answers).map((answer) => answer.tookMs))
  const [first] = answers
  if ((instants ?? answers).length === 0) return null
  return (
    <dl className="facts small">
      <dt>Took</dt>
      <dd>{formatSeconds(Math.round(tookMs) / 1000)}</dd>
      <dt>Series</dt>
      <dd>{formatNumber(series)}</dd>
      {first !== undefined && (
        <>
          <dt>Points</dt>
          <dd>{formatNumber(sum(answers.map(({ samples }) => samples)))}</dd>
          <dt>Step</dt>
          <dd>{formatSeconds(first.grid.stepMs / 1000)}</dd>
        </>
      )}
    </dl>
  )
}
