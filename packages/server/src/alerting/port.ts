import type { Labels } from '@tidewatch/core/labels.ts'

/** An alert on its way from a rule (or a post) to people. Times in ms; `endsAtMs` undefined while it fires. */
export interface Alert {
  readonly labels: Labels
  readonly annotations: Readonly<Record<string, string>>
  readonly startsAtMs: number
  readonly endsAtMs: number | undefined
  readonly generatorUrl: string
}

/** Where alerts of rules go on: inhibit, silence, route, group stand behind it later. */
export interface AlertSink {
  deliver(alerts: readonly Alert[]): Promise<void>
}
