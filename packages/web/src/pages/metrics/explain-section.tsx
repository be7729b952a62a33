import { useQuery } from '@tanstack/react-query'
import type { Explain } from '@tidewatch/api/prometheus.ts'
import { useState } from 'react'
import { toLoadable } from '../../data/loadable.ts'
import { explainQuery } from '../../data/prometheus.ts'
import type { TimeRange } from '../../data/range.ts'
import { Loaded } from '../../ui/loaded.tsx'
import { formatNumber, formatSeconds } from '../../ui/units.ts'
import './explain.css'

interface ExplainSectionProps {
  readonly query: string
  /** Undefined where there is only one query. */
  readonly letter: string | undefined
  readonly question: { readonly range: TimeRange; readonly stepMs: number }
  readonly asInstant: boolean
}

/** How a query is answered: asked only once it is opened, since the query is then done once more. */
export function ExplainSection({ query, letter, question, asInstant }: ExplainSectionProps) {
  const [open, setOpen] = useState(false)
  return (
    <details className="explain" open={open} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>
        <h2>How {letter ?? 'it'} is answered</h2>
      </summary>
      {open && <Explained query={query} question={question} asInstant={asInstant} />}
    </details>
  )
}

function Explained({ query, question, asInstant }: Omit<ExplainSectionProps, 'letter'>) {
  const result = useQuery(explainQuery({ query, ...question }, asInstant))
  return (
    <Loaded of={toLoadable(result)} what="the explanation" height={220}>
      {(explain) => <Figures {...explain} onAgain={() => void result.refetch()} />}
    </Loaded>
  )
}

const stageWords = {
  queue: 'waiting for its turn',
  parse: 'reading the query',
  select: 'finding the series',
  store: 'reading from the store',
  evaluate: 'computing',
  encode: 'writing the answer',
} as const satisfies Record<keyof Explain['tidewatch']['stages'], string>

function Figures({ samples, tidewatch, onAgain }: Explain & { readonly onAgain: () => void }) {
  const { samplesFromHead: head, samplesFromRollups: rollups, stages } = tidewatch
  const store = tidewatch.samplesFromStore + rollups
  const stored =
    head + store === 0
      ? 'no samples'
      : store === 0
        ? 'memory, all of it'
        : head === 0
          ? 'the store, all of it'
          : `memory ${share(head, store)}, the store ${share(store, head)}`
  const totalSeconds = Object.values(stages).reduce((sum, one) => sum + one, 0)
  return (
    <>
      <dl className="facts small">
        <dt>Answered from</dt>
        <dd>
          {stored}
          {rollups > 0 && `; ${share(rollups, head + store - rollups)} are points of rollups`}
        </dd>
        <dt>Computed</dt>
        <dd>{tidewatch.evaluatedIn === 'server' ? 'at once, beside the memory' : 'by a query worker'}</dd>
        <dt>Series touched</dt>
        <dd>{formatNumber(tidewatch.series)}</dd>
        <dt>Samples read</dt>
        <dd>{formatNumber(head + store)}</dd>
        <dt>
          <abbr title="A sample that five steps look at counts five times, as in Prometheus.">Samples looked at</abbr>
        </dt>
        <dd>{formatNumber(samples.totalQueryableSamples)}</dd>
        <dt>Held at once</dt>
        <dd>{formatNumber(samples.peakSamples)}</dd>
      </dl>
      <Stages stages={stages} totalSeconds={totalSeconds} />
      <ol className="selectors small" aria-label="Selectors">
        {tidewatch.selectors.map((one) => (
          <li key={`${one.selector} ${one.start} ${one.end}`}>
            <code className="break">{one.selector}</code>
            <span className="second">
              {formatNumber(one.series)} series over {formatSeconds(one.end - one.start)},{' '}
              {formatNumber(one.samplesFromHead)} samples from memory, {formatNumber(one.samplesFromStore)} from the
              store
              {one.samplesFromRollups > 0 && `, ${formatNumber(one.samplesFromRollups)} points of rollups`}
            </span>
          </li>
        ))}
      </ol>
      {tidewatch.selectors.length === 0 && <p className="second small">It reads no series.</p>}
      <button type="button" className="button little" onClick={onAgain}>
        Measure again
      </button>
    </>
  )
}

const share = (part: number, rest: number): string => `${Math.round((part / (part + rest)) * 100)} %`

function Stages({ stages, totalSeconds }: Pick<Explain['tidewatch'], 'stages'> & { readonly totalSeconds: number }) {
  const named = Object.entries(stageWords) as [keyof typeof stageWords, string][]
  return (
    <ul className="stages small" aria-label={`Took ${formatSeconds(totalSeconds)}`}>
      {named.map(([stage, words]) => (
        <li key={stage} className="stage">
          <span className="second">{words}</span>
          <span className="bar-track" aria-hidden>
            <span
              className="bar-fill"
              style={{ width: `${totalSeconds > 0 ? (stages[stage] / totalSeconds) * 100 : 0}%` }}
            />
          </span>
          <span className="nowrap">{formatSeconds(stages[stage])}</span>
        </li>
      ))}
    </ul>
  )
}
