import type { RulePack } from '@tidewatch/api/rule-packs.ts'
import { ChevronRight } from 'lucide-react'
import { useState } from 'react'
import { useBeginBacktest } from '../../../data/backtests.ts'
import { problemOf } from '../../../data/client.ts'
import { packBacktestPath, useChangePack } from '../../../data/rule-packs.ts'
import { searchText } from '../../../data/search.ts'
import { useMay } from '../../../data/session.ts'
import { usePageSearch, useSetSearch } from '../../../data/use-range.ts'
import { CopyButton } from '../../../ui/copy-button.tsx'
import { TextField } from '../../../ui/field.tsx'
import { Glyph } from '../../../ui/glyph.tsx'
import { usePreferences } from '../../../ui/preferences.ts'
import { ProblemBox } from '../../../ui/problem-box.tsx'
import { formatMoment } from '../../../ui/times.ts'
import { useToast } from '../../../ui/toasts.tsx'
import { BacktestForm } from '../backtest/backtest-form.tsx'
import { BacktestView } from '../backtest/backtest-view.tsx'
import { fitOf } from './pack-fit.ts'
import { PackRules } from './pack-rules.tsx'

/** One pack: its rules and what they need, its parameters, tried on the past, switched on or off. */
export function PackDetail({ pack }: { readonly pack: RulePack }) {
  const setSearch = useSetSearch()
  const { zone } = usePreferences()
  const [parameters, setParameters] = useState<Readonly<Record<string, string>>>(() =>
    Object.fromEntries(pack.parameters.map(({ name, value }) => [name, value])),
  )
  const { missing, rules, total } = fitOf(pack)
  return (
    <>
      <nav className="crumbs small second pack-crumbs" aria-label="Breadcrumb">
        <button type="button" className="link" onClick={() => setSearch({ pack: undefined, run: undefined })}>
          Packs
        </button>
        <ChevronRight className="icon" aria-hidden />
        <span>{pack.title}</span>
      </nav>
      <section className="section" aria-label={pack.title}>
        <div className="section-head">
          <h2>{pack.title}</h2>
          <span className={pack.enabled ? 'label small' : 'third small'}>{pack.enabled ? 'in force' : 'off'}</span>
          {pack.changedAtMs !== undefined && (
            <span className="third small">
              changed {formatMoment(pack.changedAtMs, zone)}
              {pack.changedBy !== undefined && ` by ${pack.changedBy}`}
            </span>
          )}
        </div>
        <p className="second">{pack.summary}</p>
        <p className="small pack-fit">
          <Glyph state={rules === total ? 'fine' : 'info'} /> {rules} of {total} rules have data here
          {missing.length > 0 && (
            <span className="third break">; without a sample in the last day: {missing.join(', ')}</span>
          )}
        </p>
        <Parameters pack={pack} values={parameters} onValues={setParameters} />
        <Switch pack={pack} parameters={parameters} />
      </section>
      <PackRules pack={pack} />
      <Past pack={pack} parameters={parameters} />
    </>
  )
}

const kindNotes: Record<RulePack['parameters'][number]['kind'], string> = {
  metric: 'a name of a metric',
  selector: 'matchers without braces: job="api"',
  number: 'a number',
  duration: 'a duration with its unit: 5m',
  severity: 'critical, high, warning, info …',
}

function Parameters({
  pack,
  values,
  onValues,
}: {
  readonly pack: RulePack
  readonly values: Readonly<Record<string, string>>
  readonly onValues: (values: Readonly<Record<string, string>>) => void
}) {
  if (pack.parameters.length === 0) return null
  return (
    <div className="pack-parameters">
      {pack.parameters.map(({ name, title, kind, fallback }) => (
        <TextField
          key={name}
          label={title}
          value={values[name] ?? ''}
          placeholder={kind === 'selector' ? '' : fallback}
          spellCheck={false}
          autoCapitalize="none"
          onValue={(value) => onValues({ ...values, [name]: value })}
          note={
            <span className="small third break">
              {kindNotes[kind]}
              {fallback !== '' && (kind === 'selector' ? `; by itself ${fallback}` : `; without it ${fallback}`)}
            </span>
          }
        />
      ))}
    </div>
  )
}

/** What was left empty falls back; but without matchers everything is meant. */
const chosen = (pack: RulePack, values: Readonly<Record<string, string>>): Readonly<Record<string, string>> =>
  Object.fromEntries(
    pack.parameters.flatMap(({ name, kind }) => {
      const value = (values[name] ?? '').trim()
      return value === '' && kind !== 'selector' ? [] : [[name, value]]
    }),
  )

function Switch({
  pack,
  parameters,
}: {
  readonly pack: RulePack
  readonly parameters: Readonly<Record<string, string>>
}) {
  const may = useMay('editor')
  const isTried = searchText(usePageSearch(), 'run') !== undefined
  const toast = useToast()
  const before = Object.fromEntries(pack.parameters.map(({ name, value }) => [name, value]))
  const change = useChangePack(({ enabled }) =>
    toast({
      text: `${pack.title} is ${enabled ? 'in force' : 'off'}.`,
      undo: () => change.mutate({ name: pack.name, enabled: pack.enabled, parameters: before }),
    }),
  )
  const set = (enabled: boolean) => change.mutate({ name: pack.name, enabled, parameters: chosen(pack, parameters) })
  const isChanged = pack.parameters.some(({ name, value }) => (parameters[name] ?? '') !== value)
  return (
    <>
      <div className="row wrap">
        {!pack.enabled && (
          <button
            type="button"
            className={`button ${isTried ? 'primary' : ''}`}
            disabled={!may || change.isPending}
            onClick={() => set(true)}
          >
            Put in force
          </button>
        )}
        {pack.enabled && isChanged && (
          <button
            type="button"
            className="button primary"
            disabled={!may || change.isPending}
            onClick={() => set(true)}
          >
            Use these values
          </button>
        )}
        {pack.enabled && (
          <button
            type="button"
            className="button danger"
            disabled={!may || change.isPending}
            onClick={() => set(false)}
          >
            Switch off
          </button>
        )}
        {!pack.enabled && !isTried && <span className="small second">Not tried on your past yet: do it below.</span>}
        <CopyButton text={pack.text}>Copy as YAML</CopyButton>
        {!may && <span className="small third">An editor or administrator can change it.</span>}
      </div>
      {change.error !== null && <ProblemBox problem={problemOf(change.error)} />}
    </>
  )
}

function Past({
  pack,
  parameters,
}: {
  readonly pack: RulePack
  readonly parameters: Readonly<Record<string, string>>
}) {
  const run = searchText(usePageSearch(), 'run')
  const setSearch = useSetSearch()
  const begin = useBeginBacktest(({ id }) => setSearch({ run: id }, { replace: true }))
  return (
    <section className="section" aria-label="Try on the past">
      <div className="section-head">
        <h2>Try on the past</h2>
        <span className="third small">with the values above, before it is in force</span>
      </div>
      <BacktestForm
        withNight={false}
        isMain={run === undefined && !pack.enabled}
        busy={begin.isPending}
        onBegin={({ days }) =>
          begin.mutate({ to: packBacktestPath(pack.name), body: { days, parameters: chosen(pack, parameters) } })
        }
      />
      {begin.error !== null && <ProblemBox problem={problemOf(begin.error)} />}
      {run !== undefined && <BacktestView key={run} id={run} />}
    </section>
  )
}
