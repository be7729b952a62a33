// The tree of routes in words, and a path through it. No React here.
import type { RouteNode, RouteTrace } from '@tidewatch/api/routing.ts'
import { formatSeconds } from '../../../ui/units.ts'

/** What an alert must be to come here: all that is asked, beside what its parents ask. */
export const conditionOf = ({ matchers }: Pick<RouteNode, 'matchers'>): string =>
  matchers.length === 0 ? 'every alert' : matchers.join(' and ')

export function groupingWords({ groupBy }: Pick<RouteNode, 'groupBy'>): string {
  if (groupBy.length === 0) return 'all alerts in one group'
  return groupBy.includes('...') ? 'each alert a group of its own' : `grouped by ${groupBy.join(', ')}`
}

export const timingWords = ({
  groupWaitMs,
  groupIntervalMs,
  repeatIntervalMs,
}: Pick<RouteNode, 'groupWaitMs' | 'groupIntervalMs' | 'repeatIntervalMs'>): string =>
  `waits ${duration(groupWaitMs)}, tells of changes every ${duration(groupIntervalMs)}, repeats after ${duration(repeatIntervalMs)}`

export const duration = (ms: number): string => formatSeconds(ms / 1000)

/** Ids of the routes that were chosen, and of all above them. */
export function pathTo(
  root: RouteNode,
  chosen: readonly Pick<RouteTrace['routes'][number], 'id'>[],
): ReadonlySet<string> {
  const ends = new Set(chosen.map(({ id }) => id))
  const path = new Set<string>()
  const visit = (node: RouteNode): boolean => {
    let isOn = ends.has(node.id)
    for (const child of node.routes) isOn = visit(child) || isOn
    if (isOn) path.add(node.id)
    return isOn
  }
  visit(root)
  return path
}

export const countRoutes = (node: RouteNode): number => node.routes.reduce((sum, child) => sum + countRoutes(child), 1)

/**
 * `team=core` or `team="core, db"` as one label; several in a row too, as they stand in an alert: `{a="1", b="2"}`.
 * Undefined where nothing in the text is one.
 */
export function labelsOfText(text: string): Readonly<Record<string, string>> | undefined {
  const labels: Record<string, string> = {}
  const pattern = /([^\s=,{}"]+)\s*=\s*(?:"((?:\\.|[^"\\])*)"|([^\s,{}"]*))/g
  for (const [, name = '', quoted, plain = ''] of text.matchAll(pattern))
    labels[name] = quoted === undefined ? plain : quoted.replace(/\\(.)/g, '$1')
  return Object.keys(labels).length === 0 ? undefined : labels
}

/** Labels as the address has them, one `label=` each. */
export function labelsOfSearch(texts: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(
    texts.flatMap((text) => {
      const at = text.indexOf('=')
      return at > 0 ? [[text.slice(0, at), text.slice(at + 1)]] : []
    }),
  )
}

export const searchOfLabels = (labels: Readonly<Record<string, string>>): string[] =>
  Object.entries(labels).map(([name, value]) => `${name}=${value}`)
