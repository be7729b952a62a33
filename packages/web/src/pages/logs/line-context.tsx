import { useQuery } from '@tanstack/react-query'
import type { LogLine } from '@tidewatch/api/logs.ts'
import { useState } from 'react'
import { toLoadable } from '../../data/loadable.ts'
import { logContextQuery } from '../../data/logs.ts'
import { Glyph } from '../../ui/glyph.tsx'
import { Loaded } from '../../ui/loaded.tsx'
import { usePreferences } from '../../ui/preferences.ts'
import { exactTime, levelState, levelWord, shortTime } from './line-model.ts'

const firstAround = 10
const mostAround = 500

interface LineContextProps {
  readonly line: LogLine
  readonly onOpen: (line: LogLine) => void
}

/** What the same source wrote before and after, whatever was searched. */
export function LineContext({ line, onOpen }: LineContextProps) {
  const [around, setAround] = useState(firstAround)
  const result = useQuery(logContextQuery(line.id, around))
  return (
    <Loaded of={toLoadable(result)} what="the lines around it" height={300}>
      {({ before, after }) => (
        <>
          <ol className="log-context mono" aria-label="Lines around it, the oldest first">
            {[...before, line, ...after].map((one) => (
              <ContextLine key={one.id} line={one} isItself={one.id === line.id} onOpen={onOpen} />
            ))}
          </ol>
          {(before.length >= around || after.length >= around) && around < mostAround && (
            <button
              type="button"
              className="link small"
              disabled={result.isFetching}
              onClick={() => setAround(Math.min(mostAround, around * 5))}
            >
              {Math.min(mostAround, around * 5)} before and after
            </button>
          )}
        </>
      )}
    </Loaded>
  )
}

interface ContextLineProps {
  readonly line: LogLine
  readonly isItself: boolean
  readonly onOpen: (line: LogLine) => void
}

function ContextLine({ line, isItself, onOpen }: ContextLineProps) {
  const { zone } = usePreferences()
  const word = levelWord(line)
  const state = levelState(word)
  return (
    <li aria-current={isItself ? 'true' : undefined}>
      <button type="button" onClick={() => onOpen(line)}>
        <span className="third nowrap" title={exactTime(line.timeNs, zone)}>
          {shortTime(line.timeNs, zone, Date.now())}
        </span>{' '}
        {state !== undefined && <Glyph state={state} name={word} />} {line.body.slice(0, 500)}
      </button>
    </li>
  )
}
