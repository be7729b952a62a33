import { Clock } from 'lucide-react'
import { Popover } from 'radix-ui'
import { type FormEvent, useState } from 'react'
import { describeRange, parseTypedRange, quickRanges, rangeMs, type TimeRange } from '../data/range.ts'
import { usePageRange } from '../data/use-range.ts'
import { setZone, usePreferences } from '../ui/preferences.ts'
import { formatMoment, zoneName } from '../ui/times.ts'
import { useShell } from './shell-state.ts'

/** Quick ranges and typed ones; `t` opens it. */
export function TimePicker() {
  const { overlay, open } = useShell()
  const { range, setRange } = usePageRange()
  const { zone } = usePreferences()
  const choose = (next: TimeRange) => {
    setRange(next)
    open(undefined)
  }
  const text = describeRange(range, zone)
  return (
    <Popover.Root open={overlay === 'time'} onOpenChange={(isOpen) => open(isOpen ? 'time' : undefined)}>
      <Popover.Trigger className="range-open" aria-label={`Time range: ${text}`}>
        <Clock className="icon" aria-hidden />
        <span className="wide-only">{text}</span>
        <span className="phone-only">{text.replace(/^Last /, '')}</span>
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Content
          className="pop range-pop"
          align="end"
          sideOffset={6}
          collisionPadding={12}
          aria-label="Time range"
        >
          <div className="range-quick">
            {quickRanges.map((quick) => (
              <button
                key={rangeMs(quick)}
                type="button"
                aria-current={range.kind === 'last' && rangeMs(quick) === range.ms ? 'true' : undefined}
                onClick={() => choose(quick)}
              >
                {describeRange(quick, zone)}
              </button>
            ))}
          </div>
          <TypedRange range={range} onChoose={choose} />
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  )
}

function TypedRange({ range, onChoose }: { readonly range: TimeRange; readonly onChoose: (range: TimeRange) => void }) {
  const { zone } = usePreferences()
  const [text, setText] = useState('')
  const typed = text.trim() === '' ? undefined : parseTypedRange(text, Date.now(), zone)
  const problem = typed !== undefined && 'problem' in typed ? typed.problem : undefined
  const chosen = typed !== undefined && 'range' in typed ? typed.range : undefined
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (chosen !== undefined) onChoose(chosen)
  }
  return (
    <form className="range-typed" onSubmit={submit}>
      <input
        className="input mono"
        aria-label="Range"
        placeholder="yesterday 14:00–15:00"
        autoComplete="off"
        value={text}
        aria-invalid={problem !== undefined}
        aria-describedby="range-words"
        onChange={(event) => setText(event.target.value)}
      />
      <p id="range-words" className={`small ${problem === undefined ? 'second' : 'crit'}`} aria-live="polite">
        {problem ?? <Ends range={chosen ?? range} />}
      </p>
      <div className="row">
        <button type="submit" className="button primary little" disabled={chosen === undefined}>
          Show
        </button>
        <label className="row small end">
          <span className="third">Times in</span>
          <select
            className="select"
            value={zone}
            onChange={(event) => setZone(event.target.value === 'utc' ? 'utc' : 'local')}
          >
            <option value="local">{`local time (${zoneName(Date.now(), 'local')})`}</option>
            <option value="utc">UTC</option>
          </select>
        </label>
      </div>
    </form>
  )
}

function Ends({ range }: { readonly range: TimeRange }) {
  const { zone } = usePreferences()
  if (range.kind === 'last') return <>{describeRange(range, zone)}, moving with the clock</>
  return (
    <>
      {formatMoment(range.startMs, zone)} to
      <br />
      {formatMoment(range.endMs, zone)}
    </>
  )
}
