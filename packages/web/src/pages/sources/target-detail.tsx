import { Link } from '@tanstack/react-router'
import type { Target } from '@tidewatch/api/prometheus.ts'
import { ChevronRight } from 'lucide-react'
import type { ReactNode } from 'react'
import { linkSearch, type Search } from '../../data/search.ts'
import { lastScrapeMs } from '../../data/targets.ts'
import { StateWord } from '../../ui/glyph.tsx'
import { useTicking } from '../../ui/loaded.tsx'
import { formatAge, formatSeconds } from '../../ui/units.ts'
import type { Discovered } from './discovered.ts'
import { LabelList } from './label-list.tsx'
import { RelabelSteps } from './relabel-steps.tsx'
import { targetStates } from './target-states.ts'

/** One target: how it is, what was found, what relabelling made of it and by which rule. */
export function TargetDetail({ found }: { readonly found: Discovered }) {
  const { target } = found
  const title = target?.labels.instance ?? found.discovered.__address__ ?? 'Target'
  return (
    <>
      <Crumbs>{found.pool}</Crumbs>
      <div className="page-head">
        <h1 className="break">{title}</h1>
        <span className="note">
          {target === undefined ? (
            <StateWord state="no-data">Dropped by relabelling</StateWord>
          ) : (
            <StateWord state={targetStates[target.health].state}>{targetStates[target.health].word}</StateWord>
          )}
        </span>
      </div>
      {target !== undefined && <Scrape target={target} />}
      <div className="label-columns">
        <section className="section" aria-label="Before relabelling">
          <div className="section-head">
            <h2>Before relabelling</h2>
          </div>
          <LabelList name="Discovered labels" labels={found.discovered} />
        </section>
        <section className="section" aria-label="After relabelling">
          <div className="section-head">
            <h2>After relabelling</h2>
          </div>
          {target === undefined ? (
            <p className="second">Nothing is left: a rule dropped the target. Which one stands below.</p>
          ) : (
            <LabelList name="Target labels" labels={target.labels} />
          )}
        </section>
      </div>
      <RelabelSteps found={found} />
    </>
  )
}

export function Crumbs({ children }: { readonly children: ReactNode }) {
  return (
    <nav className="source-crumbs small second" aria-label="Breadcrumb">
      <Link to="/sources" search={((before: Search) => ({ ...before, target: undefined })) as never} className="link">
        Sources
      </Link>
      <ChevronRight className="icon" aria-hidden />
      <span className="break">{children}</span>
    </nav>
  )
}

function Scrape({ target }: { readonly target: Target }) {
  const nowMs = useTicking(1000)
  const atMs = lastScrapeMs(target)
  const selector = `{job=${JSON.stringify(target.labels.job ?? '')},instance=${JSON.stringify(target.labels.instance ?? '')}}`
  return (
    <>
      {target.lastError !== '' && (
        <p className="crit label break" role="status">
          {target.lastError}
        </p>
      )}
      <dl className="facts left small scrape-facts">
        <dt>URL</dt>
        <dd className="mono">{target.scrapeUrl}</dd>
        <dt>Last scrape</dt>
        <dd>
          {atMs === undefined
            ? 'never'
            : `${formatAge(nowMs - atMs)} ago, took ${formatSeconds(target.lastScrapeDuration)}`}
        </dd>
        {target.scrapeInterval !== undefined && (
          <>
            <dt>Scraped every</dt>
            <dd>
              {target.scrapeInterval}, for at most {target.scrapeTimeout}
            </dd>
          </>
        )}
        <dt>Samples</dt>
        <dd>
          <Link to="/explore" search={linkSearch({ q: `scrape_samples_scraped${selector}` })} className="link">
            scraped
          </Link>
          {', '}
          <Link
            to="/explore"
            search={linkSearch({ q: `scrape_samples_post_metric_relabeling${selector}` })}
            className="link"
          >
            kept
          </Link>
          {', '}
          <Link to="/explore" search={linkSearch({ q: `scrape_duration_seconds${selector}` })} className="link">
            duration
          </Link>
        </dd>
      </dl>
    </>
  )
}
