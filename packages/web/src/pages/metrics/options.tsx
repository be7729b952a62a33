import { formatDurationMs } from '@tidewatch/core/time.ts'
import { useSetSearch } from '../../data/use-range.ts'
import { usePreferences } from '../../ui/preferences.ts'
import { formatSeconds, type Unit, units } from '../../ui/units.ts'
import type { ExplorerState } from './model.ts'

const steps = [1, 5, 15, 30, 60, 300, 900, 3600].map((seconds) => seconds * 1000)

/** Of this device: `Europe/Berlin`. */
const zoneName = (): string => Intl.DateTimeFormat().resolvedOptions().timeZone

/** Step and unit, automatic unless chosen. */
export function Options({
  state,
  stepMs,
  unit,
  onRun,
}: {
  readonly state: ExplorerState
  readonly stepMs: number
  readonly unit: Unit
  readonly onRun: () => void
}) {
  const setSearch = useSetSearch()
  const { zone } = usePreferences()
  const unitTitle = units.find((one) => one.unit === unit)?.title ?? unit
  const choices = state.stepMs === undefined || steps.includes(state.stepMs) ? steps : [state.stepMs, ...steps]
  return (
    <div className="explorer-options small">
      <label className="row">
        <span className="second">Step</span>
        <select
          className="select"
          value={state.stepMs ?? ''}
          onChange={(event) =>
            setSearch(
              { step: event.target.value === '' ? undefined : formatDurationMs(Number(event.target.value)) },
              { replace: true },
            )
          }
        >
          <option value="">
            {state.stepMs === undefined ? `${formatSeconds(stepMs / 1000)} (automatic)` : 'automatic'}
          </option>
          {choices.map((ms) => (
            <option key={ms} value={ms}>
              {formatSeconds(ms / 1000)}
            </option>
          ))}
        </select>
      </label>
      <label className="row">
        <span className="second">Unit</span>
        <select
          className="select"
          value={state.unit ?? ''}
          onChange={(event) =>
            setSearch({ unit: event.target.value === '' ? undefined : event.target.value }, { replace: true })
          }
        >
          <option value="">{state.unit === undefined ? `${unitTitle} (automatic)` : 'automatic'}</option>
          {units.map((one) => (
            <option key={one.unit} value={one.unit}>
              {one.title}
            </option>
          ))}
        </select>
      </label>
      <span className="second">
        Times in <b className="label">{zone === 'utc' ? 'UTC' : zoneName()}</b>
      </span>
      {state.view !== 'table' && state.view !== 'heat' && (
        <label className="row">
          <input
            type="checkbox"
            checked={state.exemplars}
            onChange={(event) => setSearch({ exemplars: event.target.checked ? 'on' : undefined }, { replace: true })}
          />
          <span className="second">Exemplars</span>
        </label>
      )}
      {state.stepMs !== undefined && state.stepMs !== stepMs && (
        <span className="warn">
          {formatSeconds(state.stepMs / 1000)} would be over 11,000 points: drawn with {formatSeconds(stepMs / 1000)}
        </span>
      )}
      <button type="button" className="button primary little end" onClick={onRun}>
        Run <span className="run-keys wide-only">Enter</span>
      </button>
    </div>
  )
}
