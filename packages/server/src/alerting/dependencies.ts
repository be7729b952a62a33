// What depends on what, and which alerts are therefore one: when the database is down, what its services say is no news of its own.
import type { Labels } from '@tidewatch/core/labels.ts'
import { type Severity, severities } from '@tidewatch/core/severity.ts'

/** `web: [api]`, `api: [postgres]`: by the dependent. */
export type WrittenDependencies = Readonly<Record<string, readonly string[]>>

/** One service or target: `postgres`, or `job=postgres` where only that label is meant. */
interface Node {
  readonly name: string
  readonly label: string | undefined
  readonly value: string
}

export interface Dependencies {
  readonly nodes: readonly Node[]
  /** By the node's place: the places of all it stands on, whichever way, the nearest first. */
  readonly standsOn: readonly (readonly number[])[]
}

export const noDependencies: Dependencies = { nodes: [], standsOn: [] }

/** Where a name without a label is looked for. */
const naming = ['service', 'job', 'app', 'component', 'target', 'instance', 'check'] as const
const maxNodes = 2000

export interface DependencyFault {
  readonly path: readonly (string | number)[]
  readonly message: string
}

/** Circles are faults: in one, everything would be the consequence of everything. */
export function readDependencies(written: WrittenDependencies): {
  readonly dependencies: Dependencies
  readonly faults: readonly DependencyFault[]
} {
  const names = [...new Set(Object.entries(written).flatMap(([name, on]) => [name, ...on]))]
  if (names.length > maxNodes)
    return { dependencies: noDependencies, faults: [{ path: [], message: `at most ${maxNodes} names.` }] }
  const faults: DependencyFault[] = []
  const standsOn = names.map((name) => {
    const found = reach(name, written)
    if (found.has(name)) faults.push({ path: [name], message: `${name} depends on itself: ${circle(name, written)}.` })
    return [...found].map((one) => names.indexOf(one))
  })
  return { dependencies: { nodes: names.map(nodeOf), standsOn }, faults }
}

/** Breadth first, so that the nearest come first. */
function reach(name: string, written: WrittenDependencies): Set<string> {
  const found = new Set<string>()
  let edge: readonly string[] = written[name] ?? []
  while (edge.length > 0) {
    const fresh = [...new Set(edge)].filter((one) => !found.has(one))
    for (const one of fresh) found.add(one)
    edge = fresh.flatMap((one) => written[one] ?? [])
  }
  return found
}

function circle(name: string, written: WrittenDependencies): string {
  const walk = (at: string, way: readonly string[]): readonly string[] | undefined => {
    for (const next of written[at] ?? []) {
      if (next === name) return [...way, next]
      if (way.includes(next)) continue
      const found = walk(next, [...way, next])
      if (found !== undefined) return found
    }
    return undefined
  }
  return (walk(name, [name]) ?? [name]).join(' → ')
}

function nodeOf(name: string): Node {
  const at = name.indexOf('=')
  if (at < 0) return { name, label: undefined, value: name }
  return { name, label: name.slice(0, at).trim(), value: name.slice(at + 1).trim() }
}

/** An alert that fires, as far as folding looks at it. */
export interface FoldableAlert {
  readonly fingerprint: string
  readonly labels: Labels
  readonly severity: Severity
  readonly startsAtMs: number
}

/** Why an alert is no page of its own. */
export interface Folding {
  /** The alert that explains it. */
  readonly under: string
  /** The name in `dependencies` that the other alert is about. */
  readonly because: string
}

/**
 * By fingerprint: alerts about what stands on something that is broken itself. An alert is explained by one at least as severe, on the farthest thing
 * that is broken; of several alerts there by the worst, then the oldest. Pure.
 */
export function foldDependents(
  alerts: readonly FoldableAlert[],
  { nodes, standsOn }: Dependencies,
): ReadonlyMap<string, Folding> {
  const folded = new Map<string, Folding>()
  if (nodes.length === 0) return folded
  const places = new Map(alerts.map((alert) => [alert.fingerprint, placesOf(alert.labels, nodes)]))
  const broken = new Map<number, FoldableAlert>()
  for (const alert of alerts)
    for (const place of places.get(alert.fingerprint) ?? []) {
      const known = broken.get(place)
      if (known === undefined || compare(alert, known) < 0) broken.set(place, alert)
    }
  for (const alert of alerts) {
    const own = places.get(alert.fingerprint) ?? []
    const below = [...new Set(own.flatMap((place) => standsOn[place] ?? []))].filter((place) => !own.includes(place))
    // the farthest explains those between as well
    const root = below.findLast((place) => explains(broken.get(place), alert))
    const cause = root === undefined ? undefined : broken.get(root)
    if (root !== undefined && cause !== undefined)
      folded.set(alert.fingerprint, { under: cause.fingerprint, because: nodes[root]?.name ?? '' })
  }
  return folded
}

/** Places by `label=value`, and by value for names that any of the naming labels may have. */
const indexes = new WeakMap<readonly Node[], ReadonlyMap<string, readonly number[]>>()

function indexOf(nodes: readonly Node[]): ReadonlyMap<string, readonly number[]> {
  const known = indexes.get(nodes)
  if (known !== undefined) return known
  const index = new Map<string, number[]>()
  for (const [place, { label, value }] of nodes.entries())
    for (const name of label === undefined ? naming : [label]) {
      const key = `${name}\0${value}`
      index.set(key, [...(index.get(key) ?? []), place])
    }
  indexes.set(nodes, index)
  return index
}

function placesOf(labels: Labels, nodes: readonly Node[]): readonly number[] {
  const index = indexOf(nodes)
  const places = new Set<number>()
  for (const [name, value] of labels.entries())
    for (const place of index.get(`${name}\0${value}`) ?? []) places.add(place)
  return [...places]
}

const rank = (severity: Severity): number => severities.indexOf(severity)

function explains(cause: FoldableAlert | undefined, alert: FoldableAlert): boolean {
  return cause !== undefined && cause.fingerprint !== alert.fingerprint && rank(cause.severity) <= rank(alert.severity)
}

const compare = (a: FoldableAlert, b: FoldableAlert): number =>
  rank(a.severity) - rank(b.severity) || a.startsAtMs - b.startsAtMs || (a.fingerprint < b.fingerprint ? -1 : 1)
