import { useQuery } from '@tanstack/react-query'
import type { DrillList, DrillRunItem } from '@tidewatch/api/drills.ts'
import type { CSSProperties } from 'react'
import { drillRunsQuery } from '../../../data/drills.ts'
import { toLoadable } from '../../../data/loadable.ts'
import { Age } from '../../../ui/age.tsx'
import { StateWord } from '../../../ui/glyph.tsx'
import { Loaded } from '../../../ui/loaded.tsx'
import { formatSeconds } from '../../../ui/units.ts'
import { type RunScale, runScale, tookMs } from './run-scale.ts'

const shownRuns = 100

/** Every run of a drill on one scale of time: when it was delivered, when somebody took it, and the limit. */
export function RunHistory({ drill }: { readonly drill: DrillList['drills'][number] }) {
  const runs = toLoadable(useQuery({ ...drillRunsQuery(drill.name, shownRuns), refetchInterval: 5000 }))
  return (
    <section className="section" aria-label={`Runs of ${drill.name}`}>
      <div className="section-head">
        <h2 className="break">Runs of {drill.name}</h2>
        <span className="small third drill-legend">
          <span>
            <i className="drill-mark delivered" aria-hidden /> delivered
          </span>
          <span>
            <i className="drill-mark taken" aria-hidden /> taken
          </span>
          <span>
            <i className="drill-limit-mark" aria-hidden /> to be taken within{' '}
            {formatSeconds(drill.acknowledgeWithinMs / 1000)}
          </span>
        </span>
      </div>
      <Loaded
        of={runs}
        what="runs"
        height={120}
        isEmpty={(list) => list.length === 0}
        empty={<p className="second">It has not run yet. Press Run now to try it.</p>}
      >
        {(list) => <RunRows runs={list} withinMs={drill.acknowledgeWithinMs} />}
      </Loaded>
    </section>
  )
}

function RunRows({ runs, withinMs }: { readonly runs: readonly DrillRunItem[]; readonly withinMs: number }) {
  const scale = runScale(runs, withinMs)
  return (
    <>
      <div className="drill-run drill-axis" aria-hidden>
        <span />
        <span className="drill-bar">
          {scale.ticks.map(({ at, text }) => (
            <span key={text} className="drill-tick" style={leftAt(at)}>
              {text}
            </span>
          ))}
        </span>
        <span />
      </div>
      <ol className="drill-runs">
        {runs.map((run) => (
          <RunRow key={run.id} run={run} scale={scale} withinMs={withinMs} />
        ))}
      </ol>
    </>
  )
}

const leftAt = (share: number): CSSProperties => ({ left: `${share * 100}%` })

function RunRow({
  run,
  scale,
  withinMs,
}: {
  readonly run: DrillRunItem
  readonly scale: RunScale
  readonly withinMs: number
}) {
  const [delivered, taken] = [tookMs(run.deliveredAtMs, run), tookMs(run.acknowledgedAtMs, run)]
  const end = taken ?? delivered
  return (
    <li className="drill-run">
      <span className="small">
        <Age atMs={run.startedAtMs} />
        <span className="third break"> by {run.startedBy === 'timetable' ? 'the timetable' : run.startedBy}</span>
      </span>
      <span className="drill-bar" aria-hidden>
        <span className="drill-limit" style={leftAt(scale.at(withinMs))} />
        {end !== undefined && (
          <span className={`drill-line ${run.status}`} style={{ width: `${scale.at(end) * 100}%` }} />
        )}
        {delivered !== undefined && <span className="drill-mark delivered" style={leftAt(scale.at(delivered))} />}
        {taken !== undefined && <span className="drill-mark taken" style={leftAt(scale.at(taken))} />}
      </span>
      <span className="small drill-words">
        <RunState run={run} />
        <span className="second break">{runText(run)}</span>
      </span>
    </li>
  )
}

function RunState({ run }: { readonly run: DrillRunItem }) {
  const state = { running: 'pending', passed: 'fine', missed: 'critical' } as const
  return <StateWord state={state[run.status]}>{run.status}</StateWord>
}

/** `delivered in 1.2 s, taken by mara in 42 s`; of a missed one why. */
function runText(run: DrillRunItem): string {
  const [delivered, taken] = [tookMs(run.deliveredAtMs, run), tookMs(run.acknowledgedAtMs, run)]
  const failed = run.deliveries.filter(({ outcome }) => outcome !== 'delivered').length
  return [
    delivered === undefined ? '' : `delivered in ${formatSeconds(delivered / 1000)}`,
    taken === undefined ? '' : `taken by ${run.acknowledgedBy ?? 'somebody'} in ${formatSeconds(taken / 1000)}`,
    failed === 0 ? '' : `${failed} of ${run.deliveries.length} attempts failed`,
    run.reason,
  ]
    .filter((part) => part !== '')
    .join(', ')
}
