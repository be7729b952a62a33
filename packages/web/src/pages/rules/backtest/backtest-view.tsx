import { useQuery } from '@tanstack/react-query'
import type { Backtest } from '@tidewatch/api/backtest.ts'
import { backtestQuery, isGone, useCancelBacktest } from '../../../data/backtests.ts'
import { toLoadable } from '../../../data/loadable.ts'
import { Loaded } from '../../../ui/loaded.tsx'
import { ProblemBox } from '../../../ui/problem-box.tsx'
import { Report } from './report.tsx'
import './backtest.css'

/** One backtest from its beginning to its report. */
export function BacktestView({ id }: { readonly id: string }) {
  const result = useQuery(backtestQuery(id))
  if (isGone(result.error))
    return (
      <ProblemBox
        tone="info"
        problem={{
          what: 'This report is gone',
          where: 'The newest 20 are kept, until Tidewatch stops',
          fix: 'Try it again',
        }}
      />
    )
  return (
    <Loaded of={toLoadable(result)} what="the report" height={240}>
      {(backtest) => <State backtest={backtest} />}
    </Loaded>
  )
}

function State({ backtest }: { readonly backtest: Backtest }) {
  const { status, report, error = 'No reason was given', tookMs } = backtest
  switch (status) {
    case 'waiting':
    case 'running':
      return <Progress backtest={backtest} />
    case 'cancelled':
      return <p className="second">Cancelled; it has no report.</p>
    case 'failed':
      return <ProblemBox problem={{ what: 'It could not be tried', where: error }} />
    case 'done':
      return report === undefined ? null : <Report report={report} tookMs={tookMs} />
    default:
      return status satisfies never
  }
}

function Progress({ backtest: { id, status, progress } }: { readonly backtest: Backtest }) {
  const cancel = useCancelBacktest()
  const percent = Math.round(progress * 100)
  const words = status === 'waiting' ? 'Waits for another one to end' : `Evaluates the past, ${percent} %`
  return (
    <div className="backtest-progress">
      <div className="row wrap">
        <span role="status">{words}</span>
        <button type="button" className="button little" disabled={cancel.isPending} onClick={() => cancel.mutate(id)}>
          Cancel
        </button>
      </div>
      <progress max={100} value={percent} aria-label="How much of the past is evaluated">
        {percent} %
      </progress>
    </div>
  )
}
