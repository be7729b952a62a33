import type { ShiftItem } from '@tidewatch/api/oncall.ts'
import { type CSSProperties, type PointerEvent, useRef, useState } from 'react'
import { type PersonColours, personStyle } from '../person.tsx'
import { type CalendarView, chosenSpan, type Lane, type Piece, pickedMs, piecesOf } from './lanes.ts'
import { spanName, type TimeZone } from './zoned.ts'

interface Span {
  readonly startMs: number
  readonly endMs: number
}

interface CalendarProps {
  readonly lanes: readonly Lane[]
  readonly shifts: readonly ShiftItem[]
  readonly view: CalendarView
  readonly timeZone: TimeZone
  readonly nowMs: number
  readonly colours: PersonColours
  /** Undefined: the one who looks may not change anything. */
  readonly onPick: ((span: Span) => void) | undefined
}

/** Lanes of time with whose turn it is. A shift opens by click or Enter; drawing over lanes picks a span. */
export function Calendar(props: CalendarProps) {
  const { lanes, onPick, view } = props
  const [picked, setPicked] = useState<Span>()
  const startMs = useRef<number>(undefined)
  const momentAt = (event: PointerEvent, part: 'start' | 'move'): number | undefined => {
    const drawn = document.elementFromPoint(event.clientX, event.clientY)?.closest<HTMLElement>('[data-lane]')
    const lane = lanes.find(({ key }) => key === drawn?.dataset.lane)
    if (drawn === null || drawn === undefined || lane === undefined) return undefined
    const box = drawn.getBoundingClientRect()
    // touching scrolls; a span is drawn by mouse or pen
    if (part === 'start' && (event.pointerType === 'touch' || event.button !== 0)) return undefined
    return pickedMs(lane, (event.clientX - box.left) / box.width, view)
  }
  const end = (keep: boolean) => {
    startMs.current = undefined
    if (keep && picked !== undefined) onPick?.(picked)
    setPicked(undefined)
  }
  return (
    <ol
      className={`calendar ${view}`}
      onPointerDown={(event) => {
        if (onPick !== undefined) startMs.current = momentAt(event, 'start')
      }}
      onPointerMove={(event) => {
        const [from, to] = [startMs.current, startMs.current === undefined ? undefined : momentAt(event, 'move')]
        if (from === undefined || to === undefined) return
        setPicked(from === to ? undefined : { startMs: Math.min(from, to), endMs: Math.max(from, to) })
      }}
      onPointerUp={() => end(true)}
      onPointerCancel={() => end(false)}
      onPointerLeave={() => end(false)}
    >
      {lanes.map((lane) => (
        <LaneRow key={lane.key} lane={lane} picked={picked} {...props} />
      ))}
    </ol>
  )
}

const place = ({ left, width }: Pick<Piece, 'left' | 'width'>): CSSProperties => ({
  left: `${left * 100}%`,
  width: `${width * 100}%`,
})

function LaneRow({
  lane,
  picked,
  shifts,
  nowMs,
  timeZone,
  colours,
  onPick,
}: CalendarProps & { readonly lane: Lane; readonly picked: Span | undefined }) {
  const chosen = picked === undefined ? undefined : piecesOf(lane, [asShift(picked)])[0]
  return (
    <li
      className={`lane ${lane.isNow ? 'now' : ''}`}
      aria-label={lane.title}
      aria-current={lane.isNow ? 'date' : undefined}
    >
      <span className="lane-title small">{lane.title}</span>
      <div className="lane-time" data-lane={lane.key}>
        {lane.ticks.map(({ at, text }) => (
          <span key={text} className="lane-tick" style={{ left: `${at * 100}%` }} aria-hidden>
            {text}
          </span>
        ))}
        {piecesOf(lane, shifts).map((piece) => (
          <Turn
            key={piece.shift.startMs}
            piece={piece}
            lane={lane}
            timeZone={timeZone}
            colours={colours}
            onPick={onPick}
          />
        ))}
        {chosen !== undefined && picked !== undefined && (
          <span className="lane-picked" style={place(chosen)}>
            <span className="lane-picked-words tiny">{spanName(picked, timeZone)}</span>
          </span>
        )}
        {lane.isNow && (
          <span
            className="lane-now"
            style={{ left: `${((nowMs - lane.startMs) / (lane.endMs - lane.startMs)) * 100}%` }}
            aria-hidden
          />
        )}
      </div>
    </li>
  )
}

const asShift = (span: Span): ShiftItem => ({ ...span, person: null, layer: null, override: null })

/** A shift as it is said: who, from when to when, by what. */
function turnText(shift: ShiftItem, timeZone: TimeZone): string {
  const by = shift.override !== null ? 'stands in' : shift.layer === null ? '' : `layer ${shift.layer}`
  return [shift.person ?? 'nobody', spanName(shift, timeZone), by].filter((part) => part !== '').join(', ')
}

function Turn({
  piece,
  lane,
  timeZone,
  colours,
  onPick,
}: Pick<CalendarProps, 'timeZone' | 'colours' | 'onPick'> & { readonly piece: Piece; readonly lane: Lane }) {
  const { shift } = piece
  const kind = shift.person === null ? 'gap' : shift.override === null ? '' : 'override'
  const span = chosenSpan(shift, lane)
  return (
    <button
      type="button"
      className={`turn small ${kind}`}
      style={{ ...personStyle(shift.person, colours), ...place(piece) }}
      title={turnText(shift, timeZone)}
      aria-label={turnText({ ...shift, ...span }, timeZone)}
      disabled={onPick === undefined}
      onClick={() => onPick?.(span)}
    >
      <span className="cut">
        {shift.person ?? 'nobody'}
        {shift.override !== null && <span className="second"> stands in</span>}
      </span>
    </button>
  )
}
