// What of the configuration decides where alerts go: the tree, inhibition, intervals, and the integrations that a route leads to.

import type { InhibitRule, Route } from '@tidewatch/alertmanager/port.ts'
import type { TimeIntervals } from '@tidewatch/alertmanager/time-intervals.ts'
import type { Integration } from '../../notify/port.ts'
import type { HeldAlert } from './held-alert.ts'
import type { Restraint } from './restraint.ts'

/** What has to be known of an integration to decide what it is told. */
export type Destination = Pick<Integration, 'key' | 'receiver' | 'sendsResolved'>

export interface DispatchPolicy {
  /** Each is a group of its own for the alert. */
  routesFor(alert: Pick<HeldAlert, 'labels' | 'channels'>): readonly Route[]
  destinationsOf(route: Route): readonly Destination[]
  /** The tree. */
  readonly root: Route
  /** Names of all receivers. */
  readonly receivers: readonly string[]
  readonly inhibitRules: readonly InhibitRule[]
  readonly intervals: TimeIntervals
  /** How long an alert is believed of which nobody said when it ends, in ms. */
  readonly resolveTimeoutMs: number
  /** What tidewatch.yml adds to it; undefined: nothing. */
  readonly restraint?: Restraint | undefined
}
