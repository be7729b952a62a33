// Which routes take an alert, and the group it belongs to there.
import { Labels } from '@tidewatch/core/labels.ts'
import { quote } from '@tidewatch/template/quote.ts'
import { matchesLabels } from './matcher.ts'
import type { Route } from './port.ts'

/** The deepest routes that match, in the order of the tree: one, and more where a route says `continue`. Never empty for a root. */
export function matchRoutes(root: Route, labels: Labels): Route[] {
  const found: Route[] = []
  collect(root, labels, found)
  return found
}

/** Whether the route or one below it takes the alert. */
function collect(route: Route, labels: Labels, found: Route[]): boolean {
  if (!matchesLabels(route.matchers, labels)) return false
  const before = found.length
  for (const child of route.routes) if (collect(child, labels, found) && !child.continue) break
  if (found.length === before) found.push(route)
  return true
}

/** The labels of an alert that its group at a route has in common by `group_by`. */
export function groupLabelsOf(route: Route, labels: Labels): Labels {
  if (route.groupByAll) return labels
  const { flat } = labels
  const grouped: string[] = []
  // a label that is there and empty stays, as Alertmanager keeps it
  for (let i = 0; i < flat.length; i += 2) {
    const name = flat[i] as string
    if (route.groupBy.includes(name)) grouped.push(name, flat[i + 1] as string)
  }
  return Labels.fromSorted(grouped)
}

/** What webhooks carry as `groupKey`, and what a group is known by over restarts. */
export const groupKeyOf = (route: Route, groupLabels: Labels): string => `${route.key}:${formatLabelSet(groupLabels)}`

/** `{alertname="Down", job="api"}`: the text of a label set as Prometheus's Go libraries write it. */
export function formatLabelSet(labels: Labels): string {
  const pairs: string[] = []
  const { flat } = labels
  for (let i = 0; i < flat.length; i += 2) pairs.push(`${flat[i]}=${quoted(flat[i + 1] as string)}`)
  return `{${pairs.join(', ')}}`
}

/** Most values are plain ASCII, which needs no look at each character. */
const quoted = (value: string): string => (/^[ !#-[\]-~]*$/.test(value) ? `"${value}"` : quote(value))
