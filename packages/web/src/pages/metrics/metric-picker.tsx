import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { toLoadable } from '../../data/loadable.ts'
import { labelNamesQuery, labelValuesQuery, metadataQuery, metricNamesQuery } from '../../data/prometheus.ts'
import { Dialog } from '../../ui/dialog.tsx'
import { Loaded } from '../../ui/loaded.tsx'
import { foundMetrics, metadataOf, type Picked, selectorOf, togglePicked } from './picker-model.ts'
import './picker.css'

interface MetricPickerProps {
  readonly query: string
  readonly onChoose: (query: string) => void
  readonly onClose: () => void
}

/** Before the dialog looks for something to focus: the close button would be first. */
const focus = (input: HTMLInputElement | null): void => input?.focus()

/** All metrics with type, unit and help; then the labels of one, to narrow it. */
export function MetricPicker({ query, onChoose, onClose }: MetricPickerProps) {
  const [metric, setMetric] = useState<string | undefined>(undefined)
  return (
    <Dialog open onOpenChange={onClose} title={metric ?? 'Metrics'} wide>
      {metric === undefined ? (
        <Names onPick={setMetric} />
      ) : (
        <Labels
          metric={metric}
          isFirst={query.trim() === ''}
          onBack={() => setMetric(undefined)}
          onUse={(selector) => {
            onChoose(query.trim() === '' ? selector : `${query.trimEnd()} ${selector}`)
            onClose()
          }}
          onReplace={(selector) => {
            onChoose(selector)
            onClose()
          }}
        />
      )}
    </Dialog>
  )
}

const maxListed = 200

function Names({ onPick }: { readonly onPick: (metric: string) => void }) {
  const [find, setFind] = useState('')
  const names = useQuery(metricNamesQuery)
  const { data: metadata = {} } = useQuery(metadataQuery)
  return (
    <>
      <input
        ref={focus}
        className="input pick-find"
        type="search"
        placeholder="Find by name or description"
        aria-label="Find a metric"
        value={find}
        onChange={(event) => setFind(event.target.value)}
      />
      <Loaded
        of={toLoadable(names)}
        what="the metrics"
        height={320}
        isEmpty={(all) => all.length === 0}
        empty={<p className="second small">There are no metrics yet. Sources tells how to send the first.</p>}
      >
        {(all) => {
          const found = foundMetrics(all, metadata, find)
          return (
            <>
              <p className="third tiny" role="status">
                {found.length > maxListed
                  ? `${maxListed} of ${found.length} metrics, narrow the search for others`
                  : `${found.length} metrics`}
              </p>
              <ul className="pick-list" aria-label="Metrics">
                {found.slice(0, maxListed).map((name) => {
                  const { type, unit, help } = metadataOf(name, metadata)
                  return (
                    <li key={name}>
                      <button type="button" className="pick" onClick={() => onPick(name)}>
                        <span className="row">
                          <code className="break">{name}</code>
                          <span className="third tiny end nowrap">{[type, unit].filter(Boolean).join(', ')}</span>
                        </span>
                        {help !== '' && <span className="second small break">{help}</span>}
                      </button>
                    </li>
                  )
                })}
              </ul>
            </>
          )
        }}
      </Loaded>
    </>
  )
}

interface LabelsProps {
  readonly metric: string
  readonly isFirst: boolean
  readonly onBack: () => void
  readonly onUse: (selector: string) => void
  readonly onReplace: (selector: string) => void
}

function Labels({ metric, isFirst, onBack, onUse, onReplace }: LabelsProps) {
  const [picked, setPicked] = useState<Picked>({})
  const [label, setLabel] = useState<string | undefined>(undefined)
  const names = useQuery(labelNamesQuery(metric))
  const selector = selectorOf(metric, picked)
  return (
    <>
      <p className="picked-selector">
        <code className="break">{selector}</code>
      </p>
      <div className="label-browser">
        <Loaded of={toLoadable(names)} what="the labels" height={240}>
          {(all) => (
            <ul className="pick-list" aria-label="Labels">
              {all.map((name) => (
                <li key={name}>
                  <button type="button" className="pick" aria-pressed={name === label} onClick={() => setLabel(name)}>
                    <span className="row">
                      <code className="break">{name}</code>
                      {picked[name] !== undefined && (
                        <span className="third tiny end nowrap">{picked[name].length} chosen</span>
                      )}
                    </span>
                  </button>
                </li>
              ))}
            </ul>
          )}
        </Loaded>
        {label === undefined ? (
          <p className="second small">Choose a label to see its values.</p>
        ) : (
          <Values
            metric={metric}
            label={label}
            chosen={picked[label] ?? []}
            onToggle={(value) => setPicked(togglePicked(picked, label, value))}
          />
        )}
      </div>
      <div className="row wrap picker-actions">
        <button type="button" className="button" onClick={onBack}>
          All metrics
        </button>
        {!isFirst && (
          <button type="button" className="button end" onClick={() => onUse(selector)}>
            Add to the query
          </button>
        )}
        <button type="button" className={`button primary ${isFirst ? 'end' : ''}`} onClick={() => onReplace(selector)}>
          {isFirst ? 'Use it' : 'Replace the query'}
        </button>
      </div>
    </>
  )
}

interface ValuesProps {
  readonly metric: string
  readonly label: string
  readonly chosen: readonly string[]
  readonly onToggle: (value: string) => void
}

function Values({ metric, label, chosen, onToggle }: ValuesProps) {
  const values = useQuery(labelValuesQuery(metric, label))
  return (
    <Loaded of={toLoadable(values)} what="the values" height={240}>
      {(all) => (
        <ul className="pick-list" aria-label={`Values of ${label}`}>
          {all.map((value) => (
            <li key={value}>
              <button
                type="button"
                className="pick"
                aria-pressed={chosen.includes(value)}
                onClick={() => onToggle(value)}
              >
                <code className="break">{value}</code>
              </button>
            </li>
          ))}
        </ul>
      )}
    </Loaded>
  )
}
