// Alerts that people hear of together: those of one route with the same values of its `group_by`.
import type { Route } from '@tidewatch/alertmanager/port.ts'
import type { Labels } from '@tidewatch/core/labels.ts'

/** What of a group is kept over restarts. */
export interface GroupRow {
  readonly id: string
  readonly dueAtMs: number
  readonly hasFlushed: boolean
}

export class AlertGroup {
  /** The same over restarts and reloads while receiver and matchers of its route stay. */
  readonly id: string
  readonly key: string
  readonly route: Route
  readonly labels: Labels
  /** Fingerprints: those that fire, and those whose end has not been told. */
  readonly members = new Set<string>()
  /** When it is looked at next. */
  dueAtMs: number
  hasFlushed = false
  isGone = false
  /** Names of the time intervals that kept it silent when it was last looked at. */
  mutedBy: readonly string[] = []
  /** The last step that was told of an alert, by fingerprint, so that it is told when it changes. */
  readonly noted = new Map<string, string>()

  constructor(route: Route, place: { readonly key: string; readonly labels: Labels; readonly dueAtMs: number }) {
    this.route = route
    this.key = place.key
    this.id = groupIdOf(route, place.key)
    this.labels = place.labels
    this.dueAtMs = place.dueAtMs
  }

  get row(): GroupRow {
    return { id: this.id, dueAtMs: this.dueAtMs, hasFlushed: this.hasFlushed }
  }
}

export const groupIdOf = (route: Route, key: string): string => `${route.receiver}\n${key}`
