import { History } from 'lucide-react'
import { useState } from 'react'
import { SelectField } from '../../../ui/field.tsx'
import { usePreferences } from '../../../ui/preferences.ts'
import { hourText } from './report-words.ts'

export interface BacktestSpan {
  readonly days: number
  readonly night: { readonly timeZone: string; readonly fromHour: number; readonly toHour: number }
}

const spans = [1, 7, 30, 90].map((days) => ({ value: days, title: days === 1 ? '24 h' : `${days} days` }))
const hours = Array.from({ length: 24 }, (_, hour) => ({ value: hour, title: hourText(hour) }))

/** How far back, and when people sleep. */
export function BacktestForm({
  title = 'Try on the past',
  withNight = true,
  isMain = true,
  disabled = false,
  busy,
  onBegin,
}: {
  readonly title?: string
  readonly withNight?: boolean
  /** Whether it is what the page is for: one button of a page is. */
  readonly isMain?: boolean
  readonly disabled?: boolean
  readonly busy: boolean
  readonly onBegin: (span: BacktestSpan) => void
}) {
  const [days, setDays] = useState(30)
  const [fromHour, setFromHour] = useState(22)
  const [toHour, setToHour] = useState(7)
  const { zone } = usePreferences()
  const timeZone = zone === 'utc' ? 'UTC' : new Intl.DateTimeFormat().resolvedOptions().timeZone
  return (
    <form
      className="backtest-form"
      onSubmit={(event) => {
        event.preventDefault()
        onBegin({ days, night: { timeZone, fromHour, toHour } })
      }}
    >
      <SelectField label="How far back" value={days} options={spans} onValue={setDays} />
      {withNight && (
        <>
          <SelectField label={`Night from (${timeZone})`} value={fromHour} options={hours} onValue={setFromHour} />
          <SelectField label="until" value={toHour} options={hours} onValue={setToHour} />
        </>
      )}
      <button type="submit" className={`button ${isMain ? 'primary' : ''}`} disabled={disabled || busy}>
        <History className="icon" aria-hidden /> {busy ? 'Beginning' : title}
      </button>
    </form>
  )
}
