// Which messages would better have been one: those of different groups that went out within minutes of each other and have labels in common.
import type { TogetherProposal } from '@tidewatch/api/backtest.ts'
import type { Page } from './pages.ts'

/** Messages within so long of the first one would have waited for each other at the usual group_wait and group_interval. */
const togetherMs = 5 * 60_000
const maxProposals = 5
const fewestSpared = 2

/** Proposals that spare messages, the best first. `alertname` alone is what most routes group by anyway. */
export function proposeTogether(pages: readonly Page[]): TogetherProposal[] {
  const proposals: TogetherProposal[] = []
  const news = pages.filter(({ reason }) => reason !== 'repeat')
  for (const [receiver, own] of Map.groupBy(news, (page) => page.receiver)) {
    for (const label of labelsOf(own)) {
      const proposal = proposalFor(label, receiver, own)
      if (proposal !== undefined) proposals.push(proposal)
    }
  }
  proposals.sort((a, b) => b.pages - b.wouldBe - (a.pages - a.wouldBe))
  return proposals.slice(0, maxProposals)
}

function labelsOf(pages: readonly Page[]): Set<string> {
  const names = new Set<string>()
  for (const { commonLabels } of pages) for (const name of Object.keys(commonLabels)) names.add(name)
  // the name tells alerts apart; severity decides the route
  for (const name of ['alertname', 'severity']) names.delete(name)
  return names
}

function proposalFor(label: string, receiver: string, pages: readonly Page[]): TogetherProposal | undefined {
  const concerned = pages.filter(({ commonLabels }) => commonLabels[label] !== undefined)
  let wouldBe = 0
  const joined: Page[] = []
  for (const ofValue of Map.groupBy(concerned, ({ commonLabels }) => commonLabels[label]).values()) {
    let first: Page | undefined
    for (const page of ofValue) {
      if (first === undefined || page.atMs - first.atMs > togetherMs) {
        first = page
        wouldBe++
      } else if (page.groupKey !== first.groupKey) {
        joined.push(page)
      }
    }
  }
  if (joined.length < fewestSpared || new Set(joined.map(({ groupKey }) => groupKey)).size < 2) return undefined
  return { groupBy: [label], receiver, pages: concerned.length, wouldBe, alertNames: mostFrequent(joined) }
}

function mostFrequent(pages: readonly Page[]): string[] {
  const counts = new Map<string, number>()
  for (const { alertNames } of pages) for (const name of alertNames) counts.set(name, (counts.get(name) ?? 0) + 1)
  return [...counts]
    .sort(([, a], [, b]) => b - a)
    .slice(0, 10)
    .map(([name]) => name)
}
