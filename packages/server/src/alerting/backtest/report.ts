// What a backtest found, counted for people.

import type { Route } from '@tidewatch/alertmanager/port.ts'
import type { BacktestedRule, BacktestReport, PagesOf } from '@tidewatch/api/backtest.ts'
import type { DispatchPolicy } from '../dispatch/policy.ts'
import type { BacktestFindings, BacktestPlan } from './backtest.ts'
import type { EpisodeBook } from './episodes.ts'
import type { Page } from './pages.ts'
import { proposeTogether } from './together.ts'

const dayMs = 86_400_000
/** As many as a page can show one by one. */
const mostListed = 1000
/** What ends sooner is over before anybody has looked. */
const shortMs = 5 * 60_000

export function reportOf(plan: BacktestPlan, findings: BacktestFindings): BacktestReport {
  const { startMs, endMs, night } = plan
  const { pages, episodes, ends } = findings
  return {
    ...{ startMs, endMs, night, ends },
    pages: pages.length,
    atNight: nightly(pages),
    repeats: pages.filter(({ reason }) => reason === 'repeat').length,
    receivers: counted(pages, ({ receiver }) => [receiver]),
    people: counted(pages, ({ people }) => people),
    days: byDay(pages),
    rules: rulesOf(plan, findings),
    together: proposeTogether(pages),
    firstPages: pages.slice(0, mostListed).map(({ groupKey: _, commonLabels: __, ...page }) => page),
    firstEpisodes: firstOf(episodes).map((episode) => ({ ...episode, labels: episode.labels.toObject() })),
    notes: notesOf(plan),
  }
}

const firstOf = (books: readonly EpisodeBook[]) =>
  books
    .flatMap((book) => book.first(mostListed))
    .sort((a, b) => a.firedAtMs - b.firedAtMs)
    .slice(0, mostListed)

const nightly = (pages: readonly Page[]): number => pages.filter(({ atNight }) => atNight).length

function counted(pages: readonly Page[], namesOf: (page: Page) => readonly string[]): PagesOf[] {
  const counts = new Map<string, { pages: number; atNight: number }>()
  for (const page of pages) {
    for (const name of namesOf(page)) {
      const count = counts.get(name) ?? { pages: 0, atNight: 0 }
      counts.set(name, count)
      count.pages++
      if (page.atNight) count.atNight++
    }
  }
  return [...counts].map(([name, count]) => ({ name, ...count })).sort((a, b) => b.pages - a.pages)
}

function byDay(pages: readonly Page[]): BacktestReport['days'] {
  return [...Map.groupBy(pages, ({ atMs }) => Math.floor(atMs / dayMs))].map(([day, own]) => ({
    startMs: day * dayMs,
    pages: own.length,
    atNight: nightly(own),
  }))
}

function rulesOf({ groups, endMs }: BacktestPlan, { episodes, pages, failures }: BacktestFindings): BacktestedRule[] {
  const rules = groups.flatMap((group) => {
    // a rule with a limit for each severity is several of one name: people know it as one
    const names = new Set(group.rules.flatMap((rule) => (rule.kind === 'alerting' ? [rule.name] : [])))
    return [...names].map((name): BacktestedRule => {
      const failure = failures.find((one) => one.group === group.name && one.rule === name)?.error
      const called = pages.filter(({ alertNames }) => alertNames.includes(name))
      return {
        ...{ group: group.name, rule: name, pages: called.length, atNight: nightly(called) },
        ...timesOf(
          episodes.filter((book) => book.name.group === group.name && book.name.rule === name),
          endMs,
        ),
        ...(failure === undefined ? {} : { failure }),
      }
    })
  })
  return rules.sort((a, b) => b.pages - a.pages || b.fired - a.fired)
}

function timesOf(books: readonly EpisodeBook[], endMs: number) {
  const lengths = Float64Array.from(books.flatMap((book) => [...book.lengths(endMs)])).sort()
  return {
    fired: lengths.length,
    alerts: new Set(books.flatMap((book) => [...book.alerts()])).size,
    firedForMs: lengths.reduce((all, length) => all + length, 0),
    longestMs: lengths.at(-1) ?? 0,
    medianMs: lengths[Math.floor(lengths.length / 2)] ?? 0,
    shortLived: books.reduce((all, book) => all + book.shorterThan(shortMs), 0),
  }
}

/** What the past cannot tell. */
function notesOf({ groups, policy }: BacktestPlan): string[] {
  const rules = groups.flatMap((group) => group.rules)
  const recorded = rules.flatMap((rule) => (rule.kind === 'recording' ? [rule.name] : []))
  const notes: string[] = []
  if (!hasDestinations(policy, policy.root))
    notes.push(
      'No channel is configured, so that nobody would have been told; the rules and when they fired are right all the same.',
    )
  const reading = rules.filter((rule) => rule.kind === 'alerting' && recorded.some((name) => rule.expr.includes(name)))
  if (reading.length > 0)
    notes.push(
      `${reading.map(({ name }) => name).join(', ')}: recorded series are read as they are stored; "tidewatch rules backfill" fills in what is not there yet.`,
    )
  if (rules.some(({ expr }) => expr.includes('ALERTS')))
    notes.push('ALERTS is read as it was written then, by the rules of that time.')
  return notes
}

function hasDestinations(policy: DispatchPolicy, route: Route): boolean {
  return policy.destinationsOf(route).length > 0 || route.routes.some((child) => hasDestinations(policy, child))
}
