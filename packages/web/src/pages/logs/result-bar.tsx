import { Pause, Play, WrapText } from 'lucide-react'
import { ProblemBox, type ProblemText } from '../../ui/problem-box.tsx'
import { formatNumber, formatSeconds, formatValue } from '../../ui/units.ts'
import { ColumnsMenu } from './columns-menu.tsx'
import { shareSearched } from './lines-state.ts'
import type { LogsState } from './model.ts'
import type { LogLines, TailState } from './use-log-lines.ts'

interface ResultBarProps {
  readonly found: LogLines
  /** Lines that the search finds in all, where that is known. */
  readonly total: number | undefined
  readonly state: LogsState
  readonly paused: boolean
  /** Whether the range moves with the clock: only then something can follow. */
  readonly canTail: boolean
  readonly onPause: (paused: boolean) => void
  readonly onFollow: (isTail: boolean) => void
  readonly onWrap: () => void
  readonly onColumns: (columns: readonly string[]) => void
  /** The same search once more. */
  readonly onAgain: () => void
}

/** What was found and how, what still comes, and how it is shown. */
export function ResultBar({ found, total, state, onWrap, onColumns, onAgain, ...follow }: ResultBarProps) {
  return (
    <>
      <div className="row wrap small log-result-bar">
        <Found found={found} total={total} />
        <span className="row wrap end log-tools">
          <button
            type="button"
            className={`button bare little wide-only ${state.wrap ? 'on' : ''}`}
            aria-pressed={state.wrap}
            onClick={onWrap}
          >
            <WrapText className="icon" aria-hidden /> Wrap
          </button>
          <span className="wide-only">
            <ColumnsMenu columns={state.columns} onColumns={onColumns} />
          </span>
          <Follow found={found} isTail={state.tail} {...follow} />
        </span>
      </div>
      <LeftOut found={found} onAgain={onAgain} />
      <Waiting found={found} onPause={follow.onPause} />
    </>
  )
}

function Found({ found: { state, span, cancel }, total }: Pick<ResultBarProps, 'found' | 'total'>) {
  const { lines, phase, progress, tookMs, cursor, isStale } = state
  // with a cursor there is more; how much, the histogram knows a little earlier or later
  const of =
    cursor === undefined ? '' : total === undefined || total <= lines.length ? '+' : ` of ${formatNumber(total)}`
  const count = `${formatNumber(lines.length)}${of} ${lines.length === 1 ? 'line' : 'lines'}`
  if (phase === 'searching') {
    const share = progress === undefined ? 0 : shareSearched(progress.searchedToNs, span)
    return (
      <span className="row log-progress">
        <progress className="log-progress-bar" aria-label="How far the search is" max={1} value={share} />
        <span className="third nowrap">
          {isStale ? 'searching' : count}
          {progress === undefined ? '' : `, ${formatNumber(progress.rowsRead)} rows read`}
        </span>
        <button type="button" className="link" onClick={cancel}>
          Cancel
        </button>
      </span>
    )
  }
  return (
    <span className="row wrap" role="status">
      <span className="label nowrap">{phase === 'failed' && isStale ? `${count} of the search before` : count}</span>
      <span className="third nowrap">
        newest first
        {phase === 'cancelled' ? ', cancelled' : ''}
        {tookMs === undefined ? '' : `, ${formatSeconds(tookMs / 1000)}`}
        {progress === undefined || progress.bytesRead === 0 ? '' : `, ${formatValue(progress.bytesRead, 'bytes')} read`}
      </span>
    </span>
  )
}

const tailWords: Readonly<Record<TailState, string>> = {
  off: 'Follow',
  connecting: 'Connecting',
  on: 'Following',
  lost: 'Connecting again',
  refused: 'Follow',
}

type FollowProps = Pick<ResultBarProps, 'found' | 'paused' | 'canTail' | 'onPause' | 'onFollow'> & {
  readonly isTail: boolean
}

function Follow({ found: { tail }, isTail, paused, canTail, onPause, onFollow }: FollowProps) {
  const isOn = isTail && canTail
  return (
    <span className="row log-follow">
      <button
        type="button"
        className="button bare little"
        aria-pressed={isOn}
        aria-label="Follow new lines"
        title={canTail ? undefined : 'Begins again at now'}
        onClick={() => onFollow(!isOn)}
      >
        <span className={`live-dot ${tail === 'on' && !paused ? '' : 'off'}`} aria-hidden />{' '}
        {isOn && paused ? 'Paused' : tailWords[isOn ? tail : 'off']}
      </button>
      {isOn && tail !== 'refused' && (
        <button
          type="button"
          className="button bare little"
          aria-label={paused ? 'Go on following' : 'Pause following'}
          onClick={() => onPause(!paused)}
        >
          {paused ? <Play className="icon" aria-hidden /> : <Pause className="icon" aria-hidden />}
        </button>
      )}
    </span>
  )
}

/** That what is listed is only a part of what came. */
function LeftOut({ found: { state, tail }, onAgain }: Pick<ResultBarProps, 'found' | 'onAgain'>) {
  const { share, leftOut } = state
  return (
    <>
      {tail === 'refused' && (
        <p className="small warn" role="status">
          New lines are not shown: the server refuses to be followed with this query.
        </p>
      )}
      {share < 1 && tail === 'on' && (
        <p className="small warn" role="status">
          Too many lines match to show them all: of what comes in, {formatValue(share, 'ratio')} is shown. A narrower
          query shows all.
        </p>
      )}
      {leftOut > 0 && (share === 1 || tail !== 'on') && (
        <p className="row wrap small warn log-left-out" role="status">
          {formatNumber(leftOut)} {leftOut === 1 ? 'line' : 'lines'} that came {leftOut === 1 ? 'is' : 'are'} not in
          this list: too many came at once.
          <button type="button" className="link" onClick={onAgain}>
            Search again
          </button>
        </p>
      )}
    </>
  )
}

/** What waits to be shown. */
function Waiting({ found: { state, show }, onPause }: Pick<ResultBarProps, 'found' | 'onPause'>) {
  const { waiting, isWaitingCut } = state
  if (waiting.length === 0) return null
  return (
    <button
      type="button"
      className="log-waiting small"
      onClick={() => {
        onPause(false)
        document.querySelector('.log-list')?.scrollTo({ top: 0 })
        show()
      }}
    >
      {isWaitingCut ? 'More than ' : ''}
      {formatNumber(waiting.length)} new {waiting.length === 1 ? 'line' : 'lines'}
    </button>
  )
}

/** More of the same search, and why there is none. */
export function SearchFoot({ found: { state, more } }: { readonly found: LogLines }) {
  const { cursor, phase, isTrimmed, lines } = state
  if (phase === 'searching' || lines.length === 0) return null
  return (
    <p className="row small log-foot">
      {cursor !== undefined ? (
        <button type="button" className="button little" onClick={more}>
          Older lines
        </button>
      ) : (
        <span className="third">
          {isTrimmed ? 'Older lines were let go to make room for new ones: search again to see them.' : 'That is all.'}
        </span>
      )}
    </p>
  )
}

/** Why the search failed; the lines of the one before stay below. */
export function SearchFailed({ problem, isStale }: { problem: ProblemText | undefined; isStale: boolean }) {
  if (problem === undefined) return null
  return (
    <ProblemBox problem={problem}>
      {isStale ? <span className="second small">Below are the lines of the search before.</span> : null}
    </ProblemBox>
  )
}
