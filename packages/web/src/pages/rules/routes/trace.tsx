import { useQuery } from '@tanstack/react-query'
import type { RouteTrace, RouteTree } from '@tidewatch/api/routing.ts'
import { X } from 'lucide-react'
import { useId, useState } from 'react'
import { liveAlerts, rulesQuery } from '../../../data/rules.ts'
import { useSetSearch } from '../../../data/use-range.ts'
import { type Loadable, Loaded } from '../../../ui/loaded.tsx'
import { Holders, Silences } from './kept-quiet.tsx'
import { duration, labelsOfText, searchOfLabels } from './route-model.ts'

type LabelTexts = Readonly<Record<string, string>>

interface TraceProps {
  readonly labels: LabelTexts
  /** Undefined until there is a label. */
  readonly of: Loadable<RouteTrace> | undefined
  readonly tree: RouteTree
}

/** Labels, and where an alert that has them would go now. */
export function Trace({ labels, of, tree }: TraceProps) {
  const setSearch = useSetSearch()
  const setLabels = (next: LabelTexts) =>
    setSearch({ label: Object.keys(next).length === 0 ? undefined : searchOfLabels(next) }, { replace: true })
  const remove = (name: string) => setLabels(Object.fromEntries(Object.entries(labels).filter(([one]) => one !== name)))
  return (
    <section className="section" aria-label="Where would this go?">
      <div className="section-head">
        <h2>Where would this go?</h2>
      </div>
      <AddLabel labels={labels} onLabels={setLabels} />
      {Object.keys(labels).length > 0 && (
        <ul className="row wrap trace-labels" aria-label="Labels of the alert">
          {Object.entries(labels).map(([name, value]) => (
            <li key={name} className="chip">
              {name}=<b>{value}</b>
              <button type="button" className="chip-remove" aria-label={`Remove ${name}`} onClick={() => remove(name)}>
                <X className="icon" aria-hidden />
              </button>
            </li>
          ))}
        </ul>
      )}
      {of === undefined ? (
        <p className="small third">Its way lights up in the tree, with everything that would keep it quiet.</p>
      ) : (
        <Loaded of={of} what="its way" height={100}>
          {(trace) => <Way trace={trace} tree={tree} />}
        </Loaded>
      )}
    </section>
  )
}

/** One label a line of typing, or all of an alert that fires. */
function AddLabel({
  labels,
  onLabels,
}: {
  readonly labels: LabelTexts
  readonly onLabels: (labels: LabelTexts) => void
}) {
  const [text, setText] = useState('')
  const [problem, setProblem] = useState<string | undefined>(undefined)
  const listId = useId()
  const { data } = useQuery(rulesQuery)
  const alerts = data === undefined ? [] : liveAlerts(data)
  const known = [...new Set(alerts.flatMap(({ alert }) => searchOfLabels(alert.labels)))].sort().slice(0, 200)
  const add = () => {
    const added = labelsOfText(text)
    setProblem(added === undefined ? 'Write a label and its value: severity=critical' : undefined)
    if (added === undefined) return
    onLabels({ ...labels, ...added })
    setText('')
  }
  return (
    <>
      <form
        className="row trace-add"
        onSubmit={(event) => {
          event.preventDefault()
          add()
        }}
      >
        <input
          className="input"
          aria-label="A label of the alert"
          placeholder="severity=critical"
          list={listId}
          value={text}
          aria-invalid={problem !== undefined}
          autoCapitalize="none"
          spellCheck={false}
          onChange={(event) => setText(event.target.value)}
        />
        <datalist id={listId}>
          {known.map((one) => (
            <option key={one} value={one} />
          ))}
        </datalist>
        <button type="submit" className="button">
          Add
        </button>
      </form>
      {problem !== undefined && (
        <p className="small crit" role="alert">
          {problem}
        </p>
      )}
      {alerts.length > 0 && (
        <label className="small second trace-take">
          or take the labels of{' '}
          <select
            className="select"
            value=""
            onChange={(event) => {
              const live = alerts.find(({ key }) => key === event.target.value)
              if (live !== undefined) onLabels(live.alert.labels)
            }}
          >
            <option value="">an alert that fires</option>
            {alerts.slice(0, 100).map(({ key, alert }) => (
              <option key={key} value={key}>
                {key === '' ? alert.labels.alertname : Object.values(alert.labels).join(', ')}
              </option>
            ))}
          </select>
        </label>
      )}
    </>
  )
}

function Way({
  trace: { routes, inhibitedBy, silencedBy },
  tree,
}: {
  readonly trace: RouteTrace
  readonly tree: RouteTree
}) {
  const isQuiet = inhibitedBy.length > 0 || silencedBy.length > 0 || routes.every(({ mutedBy }) => mutedBy.length > 0)
  return (
    <div className="trace-way" role="status">
      <p className="label">
        {isQuiet
          ? 'Nobody would be told now.'
          : routes.length === 1
            ? `It goes to ${routes[0]?.receiver ?? ''}.`
            : `It goes to ${routes.length} receivers.`}
      </p>
      <Silences ids={silencedBy} />
      <Holders fingerprints={inhibitedBy} rules={tree.inhibitRules.length} />
      <ol className="trace-routes">
        {routes.map(({ id, receiver, integrations, groupKey, groupWaitMs, mutedBy }) => (
          <li key={id} className="small">
            <dl className="facts left">
              <dt>Receiver</dt>
              <dd className="label">{receiver}</dd>
              <dt>Tells</dt>
              <dd>{integrations.length === 0 ? 'nobody' : integrations.join(', ')}</dd>
              <dt>Group</dt>
              <dd>
                <code>{groupKey}</code>
              </dd>
              <dt>First message</dt>
              <dd>{groupWaitMs === 0 ? 'at once' : `after ${duration(groupWaitMs)}`}</dd>
              {mutedBy.length > 0 && (
                <>
                  <dt>Silent now</dt>
                  <dd>by {mutedBy.join(', ')}</dd>
                </>
              )}
            </dl>
          </li>
        ))}
      </ol>
    </div>
  )
}
