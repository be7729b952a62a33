import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import type { AlertDetail } from '@tidewatch/api/alert-why.ts'
import { BellOff, Check, ChevronRight } from 'lucide-react'
import { useState } from 'react'
import { type Taking, useTaking } from '../../data/acknowledgements.ts'
import { alertDetailQuery, sentenceOf } from '../../data/alerts.ts'
import { ApiFailure } from '../../data/client.ts'
import { toLoadable } from '../../data/loadable.ts'
import { commonMatchers } from '../../data/matchers.ts'
import { linkSearch } from '../../data/search.ts'
import { Glyph, StateWord, severityState } from '../../ui/glyph.tsx'
import { Loaded, useTicking } from '../../ui/loaded.tsx'
import { usePreferences } from '../../ui/preferences.ts'
import { formatMoment } from '../../ui/times.ts'
import { formatAge, formatSeconds } from '../../ui/units.ts'
import { AlertChart } from './alert-chart.tsx'
import { logsOfAlert } from './alert-logs.ts'
import { AlertPastSections } from './alert-past.tsx'
import { AlertTold, AlertWhy } from './alert-why.tsx'
import { LabelChips } from './label-chips.tsx'
import { SilenceDialog } from './silence-dialog.tsx'
import { standingOf } from './why-model.ts'

/** One alert, by a link that stays good: also once it has ended. */
export function AlertPage({ fingerprint }: { readonly fingerprint: string }) {
  const result = useQuery({ ...alertDetailQuery(fingerprint), refetchInterval: 10_000 })
  if (result.data === undefined && result.error instanceof ApiFailure && result.error.status === 404) return <Unknown />
  return (
    <Loaded of={toLoadable(result)} what="the alert" height={400}>
      {(detail) => <One detail={detail} />}
    </Loaded>
  )
}

function One({ detail }: { readonly detail: AlertDetail }) {
  const sentence = sentenceOf(detail)
  const labels = Object.entries(detail.labels).filter(([name]) => name !== 'alertname' && name !== 'severity')
  return (
    <>
      <Crumbs>{detail.rule?.group ?? 'Sent here'}</Crumbs>
      <Head detail={detail} />
      {sentence !== '' && <p className="lead break">{sentence}</p>}
      <LabelChips labels={labels} />
      <div className="columns alert-body">
        <AlertChart detail={detail} />
        <aside className="aside" aria-label="The alert and its rule">
          <AlertTold detail={detail} />
          <section className="section">
            <Facts detail={detail} />
            <p className="alert-logs">
              <Link to="/logs" search={linkSearch(logsOfAlert(detail, Date.now()))} className="link">
                Logs of that time
              </Link>
            </p>
          </section>
          <Annotations annotations={detail.annotations} summary={sentence} />
        </aside>
      </div>
      <AlertWhy detail={detail} />
      <AlertPastSections fingerprint={detail.fingerprint} />
      {detail.rule !== undefined && (
        <p className="small third break">
          Rule “{detail.rule.name}” is in {detail.rule.file}.
        </p>
      )}
    </>
  )
}

function Crumbs({ children }: { readonly children: string }) {
  return (
    <nav className="crumbs small second" aria-label="Breadcrumb">
      <Link to="/alerts" search={linkSearch()} className="link">
        Alerts
      </Link>
      <ChevronRight className="icon" aria-hidden />
      <span className="break">{children}</span>
    </nav>
  )
}

function Head({ detail }: { readonly detail: AlertDetail }) {
  const nowMs = useTicking(1000)
  const { glyph, word } = standingOf(detail, severityState(detail.severity))
  const sinceMs = detail.state === 'firing' ? detail.firedAtMs : detail.activeAtMs
  const since =
    detail.state === 'ended'
      ? detail.endedAtMs === undefined
        ? ''
        : ` ${formatAge(nowMs - detail.endedAtMs)} ago`
      : sinceMs === undefined
        ? ''
        : ` for ${formatAge(nowMs - sinceMs)}`
  const taken = detail.acknowledgement
  const text = taken === undefined ? `${detail.severity}, ${word}${since}` : `${word}, ${formatAge(nowMs - taken.atMs)}`
  return (
    <div className="page-head alert-head">
      <h1 className="break">{detail.name}</h1>
      <span className="note">
        <StateWord state={glyph}>{text}</StateWord>
      </span>
      {detail.state !== 'ended' && <Actions detail={detail} />}
    </div>
  )
}

/** Acknowledge and Silence: beside the head, on a phone in the place of the tabs, within the thumb's reach. */
function Actions({ detail }: { readonly detail: AlertDetail }) {
  const taking = useTaking()
  const [isSilencing, setSilencing] = useState(false)
  const title = taking.may ? undefined : 'Editors may: ask an administrator'
  return (
    <section className="actions alert-actions" aria-label="What to do">
      {detail.state === 'firing' && <Take detail={detail} taking={taking} title={title} />}
      <button type="button" className="button" disabled={!taking.may} title={title} onClick={() => setSilencing(true)}>
        <BellOff className="icon" aria-hidden /> Silence
      </button>
      {isSilencing && (
        <SilenceDialog
          start={{ matchers: commonMatchers([detail.labels]), meant: 1 }}
          onClose={() => setSilencing(false)}
        />
      )}
    </section>
  )
}

interface TakeProps {
  readonly detail: AlertDetail
  readonly taking: Taking
  readonly title: string | undefined
}

function Take({ detail: { fingerprint, acknowledgement }, taking, title }: TakeProps) {
  if (acknowledgement !== undefined) {
    return (
      <button
        type="button"
        className="button take"
        disabled={!taking.may}
        title={title}
        onClick={() => taking.giveBack([fingerprint])}
      >
        <Glyph state="acknowledged" /> Give it back
      </button>
    )
  }
  return (
    <button
      type="button"
      className="button primary take"
      disabled={!taking.may || taking.pending}
      title={title}
      onClick={() => taking.take([fingerprint])}
    >
      <Check className="icon" aria-hidden /> {taking.willBeSent ? 'Will be sent' : 'Acknowledge'}
    </button>
  )
}

function Facts({ detail }: { readonly detail: AlertDetail }) {
  const { zone } = usePreferences()
  const { rule, activeAtMs, firedAtMs, endedAtMs, acknowledgement } = detail
  const facts: readonly (readonly [string, string | undefined])[] = [
    ['Since', momentOf(activeAtMs)],
    ['Fired', momentOf(firedAtMs)],
    ['Taken', acknowledgement && `by ${acknowledgement.by}, ${formatMoment(acknowledgement.atMs, zone)}`],
    ['Ended', momentOf(endedAtMs)],
    ['Fires after', rule && (rule.forMs === 0 ? 'the first time' : formatSeconds(rule.forMs / 1000))],
    ['Keeps firing', rule && rule.keepFiringForMs > 0 ? formatSeconds(rule.keepFiringForMs / 1000) : undefined],
    ['Kind', rule === undefined || rule.kind === 'prometheus' ? undefined : rule.kind],
    ['Group', rule?.group],
  ]
  function momentOf(atMs: number | undefined): string | undefined {
    return atMs === undefined ? undefined : formatMoment(atMs, zone)
  }
  return (
    <dl className="facts small">
      {facts.map(
        ([name, value]) =>
          value !== undefined && (
            <div key={name} className="fact">
              <dt>{name}</dt>
              <dd>{value}</dd>
            </div>
          ),
      )}
    </dl>
  )
}

interface AnnotationsProps {
  readonly annotations: Readonly<Record<string, string>>
  readonly summary: string
}

function Annotations({ annotations, summary }: AnnotationsProps) {
  const entries = Object.entries(annotations).filter(([, value]) => value !== summary)
  if (entries.length === 0) return null
  return (
    <section className="section">
      <dl className="annotations">
        {entries.map(([name, value]) => (
          <div key={name}>
            <dt className="small third">{name.replaceAll('_', ' ')}</dt>
            <dd className="break">{/^https?:\/\//.test(value) ? <SafeLink url={value} /> : value}</dd>
          </div>
        ))}
      </dl>
    </section>
  )
}

/** A link out of an annotation: only http and https, and the other side learns nothing of us. */
function SafeLink({ url }: { readonly url: string }) {
  return (
    <a className="link" href={url} target="_blank" rel="noreferrer noopener">
      {url}
    </a>
  )
}

function Unknown() {
  return (
    <>
      <div className="page-head">
        <h1>This alert is not known</h1>
      </div>
      <p className="second">
        Nothing of it is kept: alerts are remembered for 400 days from when they fired.{' '}
        <Link to="/alerts" search={linkSearch()} className="link">
          All alerts
        </Link>
      </p>
    </>
  )
}
