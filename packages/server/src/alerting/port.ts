import type { Labels } from '@tidewatch/core/labels.ts'

/** An alert on its way from a rule (or a post) to people. Times in ms; `endsAtMs` undefined while it fires. */
export interface Alert {
  readonly labels: Labels
  readonly annotations: Readonly<Record<string, string>>
  readonly startsAtMs: number
  readonly endsAtMs: number | undefined
  readonly generatorUrl: string
}

/** Where alerts of rules go on: inhibit, silence and route will stand between here and the groups. */
export interface AlertSink {
  /** Resolves once what must be told to people is safely kept. The same alert may come again: it is told once. */
  deliver(alerts: readonly Alert[]): Promise<void>
}
