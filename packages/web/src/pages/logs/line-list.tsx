import type { LogLine } from '@tidewatch/api/logs.ts'
import { type CSSProperties, type KeyboardEvent, memo, useEffect, useLayoutEffect, useRef, useState } from 'react'
import { Glyph } from '../../ui/glyph.tsx'
import { usePreferences } from '../../ui/preferences.ts'
import { visibleRows } from '../../ui/table-model.ts'
import type { Zone } from '../../ui/times.ts'
import { cellText, exactTime, levelState, levelWord, messageName, shortTime } from './line-model.ts'

interface LineListProps {
  readonly name: string
  readonly lines: readonly LogLine[]
  readonly columns: readonly string[]
  readonly wrap: boolean
  readonly chosenId: string | undefined
  readonly onOpen: (line: LogLine) => void
  /** What stood around it. */
  readonly onContext: (line: LogLine) => void
  /** Whether the newest are in sight. */
  readonly onTop?: (isTop: boolean) => void
  readonly onWrap?: () => void
}

const rowPx = 24
const wrappedPx = 60
const phonePx = 74
const phone = window.matchMedia('(max-width: 720px)')

/** The lines, drawn only where they are in sight. Arrows or j and k move, Enter opens, w wraps, c shows what stood around. */
export function LineList({ name, lines, columns, wrap, chosenId, onOpen, onContext, onTop, onWrap }: LineListProps) {
  const [scrollTop, setScrollTop] = useState(0)
  const [focusId, setFocusId] = useState<string | undefined>(undefined)
  const { frame, viewPx } = useViewHeight()
  const isPhone = useIsPhone()
  const { zone } = usePreferences()
  const height = isPhone ? phonePx : wrap ? wrappedPx : rowPx
  const visible = visibleRows(lines.length, scrollTop, viewPx, height)
  const shown = lines.slice(visible.first, visible.last)
  const nowMs = Date.now()
  const actions = useLatest({ onOpen, onContext, onWrap, onFocus: setFocusId })
  // one row is in the order of Tab: the one that was focused last, the chosen one, else the first in sight
  const tabId = [focusId, chosenId].find((id) => shown.some((line) => line.id === id)) ?? shown[0]?.id
  const style = {
    '--log-row': `${height}px`,
    '--log-columns': columnTracks(columns, hasDays(lines, zone, nowMs)),
  } as CSSProperties
  return (
    <div
      ref={frame}
      className={`log-list ${wrap || isPhone ? 'wrapped' : ''}`}
      style={style}
      onScroll={({ currentTarget }) => {
        setScrollTop(currentTarget.scrollTop)
        onTop?.(currentTarget.scrollTop < height)
      }}
    >
      <table aria-label={name} aria-rowcount={lines.length + 1}>
        <thead>
          <tr className="log-line log-list-head tiny third" aria-rowindex={1}>
            {['time', 'level', ...columns, messageName].map((title) => (
              <th key={title} scope="col" className={`cut ${title === 'level' ? 'log-level' : ''}`}>
                {title === 'level' ? <span className="hidden-text">level</span> : title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {visible.beforePx > 0 && <tr aria-hidden style={{ height: visible.beforePx }} />}
          {shown.map((line, i) => (
            <Row
              key={line.id}
              line={line}
              index={visible.first + i}
              columns={columns}
              zone={zone}
              nowMs={nowMs - (nowMs % 60_000)}
              isChosen={line.id === chosenId}
              inTabOrder={line.id === tabId}
              actions={actions}
            />
          ))}
          {visible.afterPx > 0 && <tr aria-hidden style={{ height: visible.afterPx }} />}
        </tbody>
      </table>
    </div>
  )
}

/** Whether some time stands with its day. */
const hasDays = (lines: readonly LogLine[], zone: Zone, nowMs: number): boolean =>
  [lines[0], lines.at(-1)].some((line) => line !== undefined && shortTime(line.timeNs, zone, nowMs).length > 12)

const columnTracks = (columns: readonly string[], withDays: boolean): string =>
  `${withDays ? 142 : 96}px 18px ${columns.map(() => 'minmax(64px, 128px)').join(' ')} minmax(240px, 1fr)`

interface RowProps {
  readonly line: LogLine
  readonly index: number
  readonly columns: readonly string[]
  readonly zone: Zone
  readonly nowMs: number
  readonly isChosen: boolean
  readonly inTabOrder: boolean
  /** The same object in all renders, so that a row is drawn again only where it changed. */
  readonly actions: { readonly current: RowActions }
}

interface RowActions {
  readonly onOpen: (line: LogLine) => void
  readonly onContext: (line: LogLine) => void
  readonly onWrap: (() => void) | undefined
  readonly onFocus: (id: string) => void
}

const Row = memo(function Row({ line, index, columns, zone, nowMs, isChosen, inTabOrder, actions }: RowProps) {
  const word = levelWord(line)
  const state = levelState(word)
  return (
    <tr
      className={`log-line ${isChosen ? 'chosen' : ''}`}
      aria-rowindex={index + 2}
      aria-current={isChosen ? 'true' : undefined}
      tabIndex={inTabOrder ? 0 : -1}
      onClick={() => {
        // a text that was marked to be copied is no click
        if (String(document.getSelection()) === '') actions.current.onOpen(line)
      }}
      onFocus={() => actions.current.onFocus(line.id)}
      onKeyDown={(event) => rowKeys(event, line, actions.current)}
    >
      <td className="log-time third" title={exactTime(line.timeNs, zone)}>
        {shortTime(line.timeNs, zone, nowMs)}
      </td>
      <td className="log-level" title={line.severityText || word}>
        {state === undefined ? <span className="hidden-text">{word}</span> : <Glyph state={state} name={word} />}
      </td>
      {columns.map((name) => (
        <td key={name} className="cut log-cell second" data-title={name}>
          {cellText(line, name)}
        </td>
      ))}
      <td className="log-message">{line.body === '' ? <Attributes line={line} /> : line.body.slice(0, mostShown)}</td>
    </tr>
  )
})

/** More of a line than fits anywhere would only cost; the detail has all of it. */
const mostShown = 2000

/** A line without a message is read by its fields. */
function Attributes({ line }: { readonly line: LogLine }) {
  const text = Object.entries(line.attributes).map(([name, value]) => `${name}=${String(value)}`)
  return <span className="second">{text.join(' ').slice(0, mostShown)}</span>
}

function rowKeys(event: KeyboardEvent<HTMLElement>, line: LogLine, { onOpen, onContext, onWrap }: RowActions): void {
  const { currentTarget: row } = event
  if (event.key === 'Enter') onOpen(line)
  else if (event.key === 'w') onWrap?.()
  else if (event.key === 'c' && !event.ctrlKey && !event.metaKey) onContext(line)
  else if (event.key === 'j' || event.key === 'ArrowDown') focusOn(row.nextElementSibling)
  else if (event.key === 'k' || event.key === 'ArrowUp') focusOn(row.previousElementSibling)
  else return
  event.preventDefault()
}

function focusOn(element: Element | null): void {
  if (element instanceof HTMLElement) element.focus()
}

function useLatest<T>(value: T): { readonly current: T } {
  const latest = useRef(value)
  useLayoutEffect(() => {
    latest.current = value
  })
  return latest
}

function useViewHeight() {
  const frame = useRef<HTMLDivElement>(null)
  const [viewPx, setViewPx] = useState(640)
  useEffect(() => {
    if (frame.current === null) return
    const observer = new ResizeObserver(([entry]) => entry !== undefined && setViewPx(entry.contentRect.height))
    observer.observe(frame.current)
    return () => observer.disconnect()
  }, [])
  return { frame, viewPx }
}

function useIsPhone(): boolean {
  const [isPhone, setPhone] = useState(phone.matches)
  useEffect(() => {
    const onChange = () => setPhone(phone.matches)
    phone.addEventListener('change', onChange)
    return () => phone.removeEventListener('change', onChange)
  }, [])
  return isPhone
}
